import { unsupportedOperations } from '@tramontane/contract/unsupported'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'
import { route } from '../../platform/http/route.ts'

/** Routes of what only the vendor has; each answers FEATURE_NOT_SUPPORTED. */
export function unsupportedRoutes(app: FastifyInstance): void {
  for (const operation of unsupportedOperations) {
    route(app, operation, async () => {
      throw new ApiError(
        'FEATURE_NOT_SUPPORTED',
        `${operation.method} ${operation.path} is not part of this server: spans, traces, logs and evaluation pipelines exist only at the vendor.`,
      )
    })
  }
}
