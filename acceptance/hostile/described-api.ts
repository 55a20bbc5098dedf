/** A JSON Schema, as far as this folder reads it. */
export interface Schema {
  readonly [keyword: string]: unknown
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: Schema
}

/** An operation as `/openapi.json` describes it. */
export interface DescribedOperation {
  readonly id: string
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly access: string
  readonly parameters: readonly Parameter[]
  /** The schema of a JSON body; undefined if the operation takes none, or another kind. */
  readonly body: Schema | undefined
  /** The whole description, which schemas refer into. */
  readonly root: Schema
  /** Media types of its body; empty if it takes none. */
  readonly mediaTypes: readonly string[]
  /** Whether it answers with a stream that goes on until its reader hangs up. */
  readonly isStream: boolean
}

interface Described {
  operationId: string
  'x-access': string
  parameters: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, unknown> }>
}

/** Reads every operation of a server's own description. */
export function operationsOf(
  document: Schema & { paths: Record<string, Record<string, Described>> },
): DescribedOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      access: described['x-access'],
      parameters: described.parameters,
      body: described.requestBody?.content['application/json']?.schema,
      root: document,
      mediaTypes: Object.keys(described.requestBody?.content ?? {}),
      isStream: Object.keys(described.responses['200']?.content ?? {}).join() === 'text/event-stream',
    })),
  )
}

/** Puts values into a path's braces. */
export function fillPath(path: string, values: (name: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values(name))
}
