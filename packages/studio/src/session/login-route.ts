import { createRoute } from '@tanstack/react-router'
import { rootRoute } from '../layout/shell-route.tsx'
import { LoginPage } from './login-page.tsx'

export const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    typeof search.to === 'string' ? { to: search.to } : {},
  component: LoginPage,
})
