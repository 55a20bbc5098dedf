import type { FastifyReply, FastifyRequest } from 'fastify'

const CORRELATION = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/

/**
 * What a call can be found by: the caller's `x-correlation-id` if it is one (printable, up to 200 characters), else the
 * request's own id. The answer carries it.
 */
export function correlate(request: FastifyRequest, reply: FastifyReply): string {
  const sent = request.headers['x-correlation-id']
  const id = typeof sent === 'string' && CORRELATION.test(sent) ? sent : request.id
  reply.header('x-correlation-id', id)
  return id
}
