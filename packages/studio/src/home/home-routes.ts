import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'

export const homeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/',
    component: lazyPage(() => import('./home-page.tsx'), 'HomePage'),
  }),
] as const
