import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../layout/shell-route.tsx'
import { validatePlaygroundSearch } from './playground-search.ts'

export const playgroundRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/playground',
    validateSearch: validatePlaygroundSearch,
    component: lazyRouteComponent(() => import('./playground-page.tsx'), 'PlaygroundPage'),
  }),
] as const
