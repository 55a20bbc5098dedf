import { importEvents } from '@tramontane/contract/events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../platform/http/errors.ts'

/** Bodies of imports that may be in memory at once; parsed, they take several times as much. */
const MAX_BYTES = 96 * 1024 * 1024
const MAX_BATCHES = 32

/** Turns imports away, before their body is read, when there is as much to store as the server can hold. */
export class ImportGate {
  #bytes = 0
  #batches = 0

  /** @throws ApiError TOO_MANY_REQUESTS */
  enter(request: FastifyRequest, reply: FastifyReply): void {
    const announced = Number(request.headers['content-length'] ?? importEvents.bodyLimit)
    const bytes = Number.isFinite(announced)
      ? Math.min(announced, importEvents.bodyLimit)
      : importEvents.bodyLimit
    if (this.#batches >= MAX_BATCHES || this.#bytes + bytes > MAX_BYTES)
      throw new ApiError(
        'TOO_MANY_REQUESTS',
        'There are as many imports under way as the server can hold; send this batch again in a second.',
        { retryAfter: 1 },
      )
    this.#bytes += bytes
    this.#batches++
    reply.raw.once('close', () => {
      this.#bytes -= bytes
      this.#batches--
    })
  }
}
