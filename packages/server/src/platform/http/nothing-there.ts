import type { FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

/** What a request is answered for which there is no route: 404 NOT_FOUND, with what it asked for. */
export function nothingThere({ method, url }: FastifyRequest): ApiError {
  return new ApiError('NOT_FOUND', `There is no ${method} ${url.split('?')[0]}.`)
}
