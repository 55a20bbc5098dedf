import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../layout/shell-route.tsx'
import { validateSearch } from './explorer-search.ts'

export const explorerRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/explorer',
    validateSearch,
    component: lazyRouteComponent(() => import('./explorer-page.tsx'), 'ExplorerPage'),
  }),
] as const
