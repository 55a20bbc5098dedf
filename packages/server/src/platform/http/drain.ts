import type { Server, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { live } from '@tramontane/contract/health'
import type { FastifyInstance } from 'fastify'
import { ApiError } from './errors.ts'

/** How long callers whose answer is out may take to notice: the rest of an upload that was refused, a last request. */
const GOODBYE_MS = 1_000
const LOOK_MS = 20

/** Knows the requests that are being answered; once the server stops, it refuses new ones and waits for these. */
export class Drain {
  #app: FastifyInstance | undefined
  readonly #active = new Set<ServerResponse>()
  #draining = false
  #empty: (() => void) | undefined

  /** Sees every request from here on; to be called before the routes are registered. */
  watch(app: FastifyInstance): void {
    this.#app = app
    app.addHook('onRequest', async (request, reply) => {
      if (this.#draining && request.routeOptions.config.operationId !== live.id) {
        // The header comes from this; one of Fastify's is taken out by `renderError`.
        reply.raw.shouldKeepAlive = false
        throw new ApiError('SERVICE_UNAVAILABLE', 'The server is stopping; try again in a moment.', {
          retryAfter: 1,
        })
      }
      // Not Fastify's onResponse, which passes over answers that a handler writes itself.
      this.#active.add(reply.raw)
      reply.raw.once('close', () => {
        this.#active.delete(reply.raw)
        if (this.#active.size === 0) this.#empty?.()
      })
    })
  }

  /**
   * Refuses new requests, and resolves when those under way are answered, or cut off because the time is over.
   * @param hurry ends the wait at once
   */
  async finish(withinMs: number, hurry: AbortSignal): Promise<void> {
    this.#draining = true
    if (this.#active.size > 0 && !hurry.aborted) {
      const limit = AbortSignal.any([AbortSignal.timeout(withinMs), hurry])
      await new Promise<void>((resolve) => {
        this.#empty = resolve
        limit.addEventListener('abort', () => resolve())
      })
    }
    if (this.#app) await endConnections(this.#app.server, this.#active.size > 0 ? 0 : GOODBYE_MS)
  }
}

/** Ends the idle connections at once and all others after a while, also those whose request never comes to its end. */
async function endConnections(server: Server, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline && (await countConnections(server)) > 0) {
    server.closeIdleConnections()
    await delay(LOOK_MS)
  }
  server.closeAllConnections()
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((_error, count) => resolve(count ?? 0))
  })
}
