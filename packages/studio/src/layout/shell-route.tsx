import { createRootRouteWithContext, createRoute, Outlet, redirect } from '@tanstack/react-router'
import { ApiError } from '../api/api-error.ts'
import { queryClient } from '../api/query.ts'
import { Failure, Loading } from '../components/states.tsx'
import { sessionQuery } from '../session/session.ts'
import { NotFound } from './not-found.tsx'
import { Shell } from './shell.tsx'

export const rootRoute = createRootRouteWithContext()({
  component: Outlet,
  notFoundComponent: NotFound,
})

/** Everything that needs a session: without one, the way leads to the login and from there back. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery)
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403))
        throw redirect({ to: '/login', search: { to: location.href } })
      throw error
    }
  },
  component: Shell,
  pendingComponent: () => <Loading />,
  errorComponent: ({ error, reset }) => <Failure error={error as Error} onRetry={reset} />,
  notFoundComponent: NotFound,
})
