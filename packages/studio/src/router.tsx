import { createRouter } from '@tanstack/react-router'
import { campaignRoutes } from './campaigns/campaign-routes.ts'
import { datasetRoutes } from './datasets/dataset-routes.ts'
import { deploymentRoutes } from './deployments/deployment-routes.ts'
import { executionRoutes } from './execution/execution-routes.ts'
import { executionListRoutes } from './executions/execution-list-routes.ts'
import { explorerRoutes } from './explorer/explorer-routes.ts'
import { homeRoutes } from './home/home-routes.ts'
import { judgeRoutes } from './judges/judge-routes.ts'
import { rootRoute, shellRoute } from './layout/shell-route.tsx'
import { playgroundRoutes } from './playground/playground-routes.ts'
import { scheduleRoutes } from './schedules/schedule-routes.ts'
import { loginRoute } from './session/login-route.ts'
import { settingsRoutes } from './settings/settings-routes.ts'
import { workflowRoutes } from './workflows/workflow-routes.ts'

const routeTree = rootRoute.addChildren([
  loginRoute,
  shellRoute.addChildren([
    ...datasetRoutes,
    ...executionRoutes,
    ...homeRoutes,
    ...explorerRoutes,
    ...playgroundRoutes,
    ...settingsRoutes,
    ...workflowRoutes,
    ...executionListRoutes,
    ...scheduleRoutes,
    ...deploymentRoutes,
    ...judgeRoutes,
    ...campaignRoutes,
  ]),
])

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
