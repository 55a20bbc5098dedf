import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { choiceParam, flagParam, textParam } from '../layout/search-params.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { DEPLOYMENT_TABS, type DeploymentTab } from './deployment-search.ts'

export const deploymentRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/deployments',
    validateSearch: (
      search: Record<string, unknown>,
    ): { q?: string | undefined; all?: true | undefined } => ({
      q: textParam(search.q),
      all: flagParam(search.all),
    }),
    component: lazyPage(() => import('./deployment-list-page.tsx'), 'DeploymentListPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/deployments/$deploymentName',
    validateSearch: (
      search: Record<string, unknown>,
    ): { tab?: DeploymentTab | undefined; worker?: string | undefined; workflow?: string | undefined } => ({
      tab: choiceParam(search.tab, DEPLOYMENT_TABS),
      worker: textParam(search.worker),
      workflow: textParam(search.workflow),
    }),
    component: lazyPage(() => import('./deployment-page.tsx'), 'DeploymentPage'),
  }),
] as const
