import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { readExecutionSearch } from './execution-search.ts'

export const executionListRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/executions',
    validateSearch: readExecutionSearch,
    component: lazyPage(() => import('./execution-list-page.tsx'), 'ExecutionListPage'),
  }),
] as const
