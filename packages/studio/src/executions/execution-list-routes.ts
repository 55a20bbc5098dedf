import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../layout/shell-route.tsx'
import { readExecutionSearch } from './execution-search.ts'

export const executionListRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/executions',
    validateSearch: readExecutionSearch,
    component: lazyRouteComponent(() => import('./execution-list-page.tsx'), 'ExecutionListPage'),
  }),
] as const
