import type { FastifyInstance } from 'fastify'
import { Gauge, Histogram, type Registry } from 'prom-client'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Times every request by operation and status, until its last byte. To be called before the routes are registered. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'tramontane_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer; status 499: the caller hung up',
    labelNames: ['operation', 'status'],
    buckets: SECONDS,
    registers: [registry],
  })
  const active = new Gauge({
    name: 'tramontane_http_requests_active',
    help: 'Requests that are being answered',
    registers: [registry],
  })
  app.addHook('onRequest', async (request, reply) => {
    const begun = performance.now()
    active.inc()
    // Not Fastify's onResponse, which passes over answers that a handler writes itself.
    reply.raw.once('close', () => {
      active.dec()
      const operation = request.routeOptions.config.operationId ?? 'unknown'
      const status = reply.raw.writableFinished ? reply.raw.statusCode : 499
      duration.observe({ operation, status }, (performance.now() - begun) / 1_000)
    })
  })
}
