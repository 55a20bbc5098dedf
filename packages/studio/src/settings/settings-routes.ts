import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
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
    component: lazyRouteComponent(() => import('./settings-page.tsx'), 'SettingsPage'),
  }),
] as const
