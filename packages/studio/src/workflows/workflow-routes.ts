import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { choiceParam, flagParam, textParam } from '../layout/search-params.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import {
  METRIC_RANGES,
  WORKFLOW_TABS,
  type WorkflowListSearch,
  type WorkflowSearch,
} from './workflow-search.ts'

export const workflowRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/workflows',
    validateSearch: (search: Record<string, unknown>): WorkflowListSearch => ({
      q: textParam(search.q),
      archived: flagParam(search.archived),
      active: flagParam(search.active),
    }),
    component: lazyPage(() => import('./workflow-list-page.tsx'), 'WorkflowListPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/workflows/$workflowName',
    validateSearch: (search: Record<string, unknown>): WorkflowSearch => ({
      tab: choiceParam(search.tab, WORKFLOW_TABS),
      range: choiceParam(search.range, METRIC_RANGES),
      registration: textParam(search.registration),
      start: flagParam(search.start),
    }),
    component: lazyPage(() => import('./workflow-page.tsx'), 'WorkflowPage'),
  }),
] as const
