import type { Access, ErrorShape } from '@tramontane/contract/operation'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { authenticate, type Caller, type Callers } from './auth.ts'
import { ApiError } from './errors.ts'
import { readJsonBodies } from './json-bodies.ts'
import { nothingThere } from './nothing-there.ts'
import { renderError } from './render-error.ts'
import { drainUnreadBodies } from './unread-bodies.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller needs; a route without it is refused at start. */
    access?: Access
    errorShape?: ErrorShape
    operationId?: string
  }
  interface FastifyRequest {
    caller: Caller | undefined
  }
}

/**
 * Builds the HTTP application: request ids, authentication by each route's declaration, one error renderer.
 * @param options.watch adds the hooks that see every request, before it is known who calls
 */
export function createApp(options: {
  logger: FastifyBaseLogger
  callers: Callers
  watch: (app: FastifyInstance) => void
}): FastifyInstance {
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => crypto.randomUUID(),
    requestTimeout: 0,
    // A URL that cannot be decoded comes past every hook and handler: it names nothing that is here.
    frameworkErrors: (_error, request, reply) => {
      reply.header('x-request-id', request.id)
      renderError(new ApiError('NOT_FOUND', 'The path is not a valid URL.'), request, reply)
    },
    routerOptions: { maxParamLength: 500, caseSensitive: true },
    forceCloseConnections: 'idle',
  })
  app.decorateRequest('caller', undefined)
  readJsonBodies(app)
  app.addHook('onRoute', (route) => {
    // Default deny: a route that does not say what it needs does not exist. HEAD routes inherit from their GET.
    if (!route.config?.access)
      throw new Error(`the route ${String(route.method)} ${route.url} does not declare its access`)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  options.watch(app)
  drainUnreadBodies(app.server)
  app.addHook('onRequest', async (request) => {
    const access = request.routeOptions.config.access
    if (request.is404) throw nothingThere(request)
    if (access === undefined || access === 'public') return
    request.caller = await authenticate(request, access, options.callers)
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      {
        operation: request.routeOptions.config.operationId,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    )
  })
  app.setErrorHandler((error, request, reply) => renderError(error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    renderError(nothingThere(request), request, reply)
  })
  return app
}
