import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../layout/shell-route.tsx'
import { validateJudgeSearch, validateJudgesSearch } from './judge-search.ts'

export const judgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/judges',
    validateSearch: validateJudgesSearch,
    component: lazyRouteComponent(() => import('./judges-page.tsx'), 'JudgesPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/judges/new',
    validateSearch: validateJudgeSearch,
    component: lazyRouteComponent(() => import('./new-judge-page.tsx'), 'NewJudgePage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/judges/$judgeId',
    validateSearch: validateJudgeSearch,
    component: lazyRouteComponent(() => import('./judge-page.tsx'), 'JudgePage'),
  }),
] as const
