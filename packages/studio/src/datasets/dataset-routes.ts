import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from '../layout/shell-route.tsx'
import { validateDatasetSearch, validateDatasetsSearch } from './dataset-search.ts'

export const datasetRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/datasets',
    validateSearch: validateDatasetsSearch,
    component: lazyRouteComponent(() => import('./datasets-page.tsx'), 'DatasetsPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/datasets/$datasetId',
    validateSearch: validateDatasetSearch,
    component: lazyRouteComponent(() => import('./dataset-page.tsx'), 'DatasetPage'),
  }),
] as const
