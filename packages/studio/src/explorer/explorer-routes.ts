import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { validateSearch } from './explorer-search.ts'

export const explorerRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/explorer',
    validateSearch,
    component: lazyPage(() => import('./explorer-page.tsx'), 'ExplorerPage'),
  }),
] as const
