import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
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
    component: lazyPage(() => import('./campaigns-page.tsx'), 'CampaignsPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/campaigns/new',
    validateSearch: validateNewCampaignSearch,
    component: lazyPage(() => import('./new-campaign-page.tsx'), 'NewCampaignPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/campaigns/compare',
    validateSearch: validateComparisonSearch,
    component: lazyPage(() => import('./comparison-page.tsx'), 'ComparisonPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/campaigns/$campaignId',
    validateSearch: validateCampaignSearch,
    component: lazyPage(() => import('./campaign-page.tsx'), 'CampaignPage'),
  }),
] as const
