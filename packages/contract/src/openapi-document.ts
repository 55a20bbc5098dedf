import { z } from 'zod'
import { errorCodes } from './errors.ts'
import type { ErrorShape, Operation } from './operation.ts'
import { operations } from './operations.ts'

type Json = Record<string, unknown>

const errorSchemas: Record<string, Json> = {
  Error: {
    type: 'object',
    required: ['detail'],
    properties: {
      detail: {
        type: 'object',
        required: ['message', 'error_code'],
        properties: {
          message: { type: 'string' },
          error_code: { anyOf: [{ type: 'string', enum: Object.keys(errorCodes) }, { type: 'null' }] },
        },
      },
    },
  },
  HTTPValidationError: {
    type: 'object',
    properties: {
      detail: {
        type: 'array',
        items: {
          type: 'object',
          required: ['loc', 'msg', 'type'],
          properties: {
            loc: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
            msg: { type: 'string' },
            type: { type: 'string' },
          },
        },
      },
    },
  },
  WorkflowError: {
    type: 'object',
    required: ['detail', 'code'],
    properties: { detail: { type: 'string' }, code: { type: 'string' } },
  },
  /** The official clients read a list; a rule of the workflow's own is told in words, with its code. */
  WorkflowValidationError: {
    anyOf: [
      { $ref: '#/components/schemas/HTTPValidationError' },
      { $ref: '#/components/schemas/WorkflowError' },
    ],
  },
  ProviderError: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        properties: {
          message: { type: 'string' },
          type: { type: 'string' },
          code: { type: ['string', 'null'] },
        },
      },
    },
  },
  Status: {
    type: 'object',
    required: ['code', 'message'],
    properties: {
      code: { type: 'integer' },
      message: { type: 'string' },
      details: { type: 'array', items: { type: 'object' } },
    },
  },
}

/** The JSON Schema of what a schema takes (`input`) or gives (`output`). */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      // A value that may also come as a string is described as what it is read as.
      const definition = zodSchema._zod.def
      if (io === 'input' && definition.type === 'pipe' && definition.in._zod.def.type === 'transform') {
        const { $schema: _, ...inner } = jsonSchema(definition.out as z.ZodType, 'input')
        Object.assign(made, inner)
      }
    },
  }) as Json
  return rest
}

/** The document's components: definitions that schemas carry within themselves, under names of their own. */
class Components {
  readonly schemas: Record<string, Json> = { ...errorSchemas }
  readonly #sources = new Map<string, string>()

  /**
   * Moves the definitions within a schema (of what is nested in itself, such as filters) to the components: a
   * reference in an OpenAPI document starts from the document's root.
   */
  hoist(value: unknown, names: ReadonlyMap<unknown, string> = new Map()): unknown {
    if (Array.isArray(value)) return value.map((item) => this.hoist(item, names))
    if (typeof value !== 'object' || value === null) return value
    const { $defs = {}, ...own } = value as Json & { $defs?: Record<string, Json> }
    const known = new Map(names)
    for (const [name, definition] of Object.entries($defs))
      known.set(`#/$defs/${name}`, this.#nameFor(name, definition))
    for (const [name, definition] of Object.entries($defs))
      this.schemas[known.get(`#/$defs/${name}`)!] = this.hoist(definition, known) as Json
    const reference = known.get(own.$ref)
    if (reference) return { $ref: `#/components/schemas/${reference}` }
    return Object.fromEntries(Object.entries(own).map(([key, item]) => [key, this.hoist(item, known)]))
  }

  /** The definition's own name, numbered where another definition has it. */
  #nameFor(name: string, definition: Json): string {
    const source = JSON.stringify(definition)
    const base = name.replace(/^_+/, '')
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? base : `${base}${number}`
      if (candidate in errorSchemas || (this.#sources.get(candidate) ?? source) !== source) continue
      this.#sources.set(candidate, source)
      return candidate
    }
  }
}

function parametersOf(operation: Operation): Json[] {
  return (['params', 'query'] as const).flatMap((part) => {
    const schema = operation[part]
    if (!schema) return []
    const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
      properties?: Record<string, Json>
      required?: string[]
    }
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: part === 'params' ? 'path' : 'query',
      required: part === 'params' || required.includes(name),
      schema: property,
    }))
  })
}

function errorSchemaName(shape: ErrorShape, status: number): string {
  if (shape === 'provider') return 'ProviderError'
  if (shape === 'otlp') return 'Status'
  if (shape === 'workflows') return status === 422 ? 'WorkflowValidationError' : 'WorkflowError'
  return shape === 'validation' && status === 422 ? 'HTTPValidationError' : 'Error'
}

function errorsOf(operation: Operation): Json {
  const codes = new Set(operation.errors)
  if (operation.access !== 'public') codes.add('AUTH_UNAUTHORIZED').add('AUTH_FORBIDDEN')
  if (operation.params || operation.query || operation.body) codes.add('VALIDATION_ERROR')
  const byStatus = Map.groupBy(codes, (code) => errorCodes[code].status)
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, group]) => [
        String(status),
        {
          description: group.map((code) => `\`${code}\`: ${errorCodes[code].when}`).join('\n\n'),
          content: {
            'application/json': {
              schema: { $ref: `#/components/schemas/${errorSchemaName(operation.errorShape, status)}` },
            },
          },
        },
      ]),
  )
}

function contentOf(types: readonly string[]): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: {} }]))
}

function describe(operation: Operation): Json {
  const body = operation.body
    ? { 'application/json': { schema: jsonSchema(operation.body, 'input') } }
    : operation.consumes && contentOf(operation.consumes)
  const stream = operation.events
    ? { 'text/event-stream': { schema: jsonSchema(operation.events, 'output') } }
    : {}
  const answer = operation.response
    ? { 'application/json': { schema: jsonSchema(operation.response, 'output') }, ...stream }
    : operation.produces && { ...contentOf(operation.produces), ...stream }
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    'x-access': operation.access,
    security: operation.access === 'public' ? [] : [{ key: [] }],
    parameters: parametersOf(operation),
    ...(body ? { requestBody: { required: true, content: body } } : {}),
    responses: {
      [operation.status]: { description: 'Success', ...(answer ? { content: answer } : {}) },
      ...errorsOf(operation),
    },
  }
}

/**
 * The whole API as an OpenAPI 3.1 document, generated from the operations.
 * @param version of the server that answers it
 */
export function openapiDocument(version: string): Json {
  const components = new Components()
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    paths[operation.path] ??= {}
    paths[operation.path]![operation.method.toLowerCase()] = components.hoist(describe(operation))
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tramontane',
      version,
      description: 'A self-hosted server for the Mistral Studio APIs',
    },
    paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } }, schemas: components.schemas },
  }
}
