import { createRoute } from '@tanstack/react-router'
import { lazyPage } from '../api/lazy-parts.ts'
import { choiceParam, textParam } from '../layout/search-params.ts'
import { shellRoute } from '../layout/shell-route.tsx'

export interface ScheduleSearch {
  /** The beginning of the workflow's name. */
  readonly q?: string | undefined
  readonly status?: 'active' | 'paused' | undefined
  /** The one that is open. */
  readonly schedule?: string | undefined
  /** The one that is being changed. */
  readonly edit?: string | undefined
  /** A new one is being made, of this workflow; `*`: of any. */
  readonly new?: string | undefined
}

export const scheduleRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: '/schedules',
    validateSearch: (search: Record<string, unknown>): ScheduleSearch => ({
      q: textParam(search.q),
      status: choiceParam(search.status, ['active', 'paused'] as const),
      schedule: textParam(search.schedule),
      edit: textParam(search.edit),
      new: textParam(search.new),
    }),
    component: lazyPage(() => import('./schedule-list-page.tsx'), 'ScheduleListPage'),
  }),
] as const
