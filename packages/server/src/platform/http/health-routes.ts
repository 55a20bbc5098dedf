import { live, metrics, openapi, ready } from '@tramontane/contract/health'
import { openapiDocument } from '@tramontane/contract/openapi-document'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { version } from '../version.ts'
import { ApiError } from './errors.ts'
import { route } from './route.ts'

/** A part's word on whether it can serve: a sentence that says why not, or undefined. */
export type ReadinessCheck = () => Promise<string | undefined>

/** Made when it is first asked for: it takes a tenth of a second, for which every start would wait. */
let document: string | undefined

/** Whether the process lives and can serve, its metrics, and the description of the API. */
export function healthRoutes(
  app: FastifyInstance,
  parts: { checks: readonly ReadinessCheck[]; metrics: Registry },
): void {
  route(app, live, async () => ({ status: 'ok' as const }))

  route(app, ready, async () => {
    const answers = await Promise.all(parts.checks.map((check) => check()))
    const reasons = answers.filter((reason) => reason !== undefined)
    if (reasons.length > 0) throw new ApiError('SERVICE_UNAVAILABLE', reasons.join('; '), { retryAfter: 1 })
    return { status: 'ok' as const }
  })

  route(app, metrics, async ({ reply }) => {
    reply.type(parts.metrics.contentType).send(await parts.metrics.metrics())
  })

  route(app, openapi, async ({ reply }) => {
    document ??= JSON.stringify(openapiDocument(version))
    reply.type('application/json').send(document)
  })
}
