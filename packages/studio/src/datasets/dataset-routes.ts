import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { shellRoute } from '../layout/shell-route.tsx'
import { validateDatasetSearch, validateDatasetsSearch } from './dataset-search.ts'

export const datasetRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/datasets',
    validateSearch: validateDatasetsSearch,
    component: lazyPage(() => import('./datasets-page.tsx'), 'DatasetsPage'),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/datasets/$datasetId',
    validateSearch: validateDatasetSearch,
    component: lazyPage(() => import('./dataset-page.tsx'), 'DatasetPage'),
  }),
] as const
