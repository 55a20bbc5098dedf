import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

/**
 * Reads JSON bodies in a scope. Not Fastify's own parser: a DELETE may say `application/json` and have no body, as the
 * documented curl calls do, and a conversation may hold any key, `__proto__` too: no user's key ever becomes an object
 * path here.
 * @param onText gets the body as it was sent, for operations that keep the user's own spelling of it
 */
export function readJsonBodies(
  scope: FastifyInstance,
  onText?: (request: FastifyRequest, text: string) => void,
): void {
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string
    if (text === '') return done(null, undefined)
    try {
      const value: unknown = JSON.parse(text)
      onText?.(request, text)
      done(null, value)
    } catch (cause) {
      done(new ApiError('VALIDATION_ERROR', `The body is not JSON: ${(cause as Error).message}`))
    }
  })
}
