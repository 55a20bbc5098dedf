import type { FastifyRequest } from 'fastify'

/** In which unit a caller is told instants that the API gives in nanoseconds. */
export type InstantUnit = 'nanoseconds' | 'microseconds'

/**
 * The official TypeScript clients (all up to 2.7.0) refuse every integer beyond 2^53, so that an instant in nanoseconds,
 * as the API has it, would end their call with an error. They get microseconds, the finest unit that they can read.
 */
export function instantUnitFor(request: FastifyRequest): InstantUnit {
  const { 'user-agent': agent, 'x-mistral-user-agent': agentInBrowsers } = request.headers
  const isTypeScriptClient = [agent, agentInBrowsers].some(
    (text) => typeof text === 'string' && text.startsWith('mistral-client-typescript/'),
  )
  return isTypeScriptClient ? 'microseconds' : 'nanoseconds'
}

/** An instant as an integer literal of JSON, without loss in nanoseconds. */
export function instantLiteral(nanoseconds: bigint, unit: InstantUnit): string {
  return String(unit === 'nanoseconds' ? nanoseconds : nanoseconds / 1000n)
}
