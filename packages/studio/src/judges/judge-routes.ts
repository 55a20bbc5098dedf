import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { validateJudgeSearch, validateJudgesSearch } from './judge-search.ts'

export const judgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/judges',
    validateSearch: validateJudgesSearch,
    component: lazyPage(() => import('./judges-page.tsx'), 'JudgesPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/judges/new',
    validateSearch: validateJudgeSearch,
    component: lazyPage(() => import('./new-judge-page.tsx'), 'NewJudgePage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/judges/$judgeId',
    validateSearch: validateJudgeSearch,
    component: lazyPage(() => import('./judge-page.tsx'), 'JudgePage'),
  }),
] as const
