import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { type SettingsTab, settingsTabs } from './settings-tabs.ts'

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/settings',
    validateSearch: (search: Record<string, unknown>): { tab?: SettingsTab } => {
      const tab = settingsTabs.find((one) => one === search.tab)
      return tab ? { tab } : {}
    },
    component: lazyPage(() => import('./settings-page.tsx'), 'SettingsPage'),
  }),
] as const
