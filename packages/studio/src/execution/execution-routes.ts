import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { askAhead } from './execution-ahead.ts'
import { validateSearch } from './execution-search.ts'

export const executionRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/executions/$executionId',
    validateSearch,
    loaderDeps: ({ search: { run } }) => ({ run }),
    loader: ({ params, deps, cause }) =>
      askAhead(params.executionId, deps.run, { history: cause !== 'preload' }),
    component: lazyPage(() => import('./execution-page.tsx'), 'ExecutionPage'),
  }),
] as const
