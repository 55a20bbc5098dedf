import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { validatePlaygroundSearch } from './playground-search.ts'

export const playgroundRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/playground',
    validateSearch: validatePlaygroundSearch,
    component: lazyPage(() => import('./playground-page.tsx'), 'PlaygroundPage'),
  }),
] as const
