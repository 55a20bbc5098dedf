import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../layout/shell-route.tsx'
import {
  validateCampaignSearch,
  validateCampaignsSearch,
  validateComparisonSearch,
  validateNewCampaignSearch,
} from './campaign-search.ts'

export const campaignRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/campaigns',
    validateSearch: validateCampaignsSearch,
    component: lazyRouteComponent(() => import('./campaigns-page.tsx'), 'CampaignsPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/campaigns/new',
    validateSearch: validateNewCampaignSearch,
    component: lazyRouteComponent(() => import('./new-campaign-page.tsx'), 'NewCampaignPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/campaigns/compare',
    validateSearch: validateComparisonSearch,
    component: lazyRouteComponent(() => import('./comparison-page.tsx'), 'ComparisonPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/campaigns/$campaignId',
    validateSearch: validateCampaignSearch,
    component: lazyRouteComponent(() => import('./campaign-page.tsx'), 'CampaignPage'),
  }),
] as const
