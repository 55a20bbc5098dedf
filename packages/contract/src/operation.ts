import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

/**
 * What a caller's key must be allowed to do.
 * - `public`: no key at all
 * - `read`: see what is stored
 * - `write`: change what is stored, or spend tokens on judging
 * - `ingest`: send traffic through the gateway
 * - `telemetry`: send spans and logs; applications do it, and workflow workers
 * - `work`: what a workflow worker needs
 * - `administer`: keys, workspaces and settings
 */
export type Access = 'public' | 'read' | 'write' | 'ingest' | 'telemetry' | 'work' | 'administer'

/**
 * How errors of an operation look on the wire.
 * - `observability`: `{detail: {message, error_code}}`
 * - `validation`: as `observability`, but a 422 is `{detail: [{loc, msg, type}]}`, which the official clients parse
 *   on conversations
 * - `provider`: `{error: {message, type, param, code}}`, which OpenAI-compatible clients read
 * - `workflows`: `{detail, code}`, and further members that a code brings along; a 422 of the request's form is
 *   `{detail: [{loc, msg, type}]}`
 * - `otlp`: `{code, message, details}`, the google.rpc.Status of OTLP/HTTP, in the encoding of the request
 */
export type ErrorShape = 'observability' | 'validation' | 'provider' | 'workflows' | 'otlp'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One HTTP operation: the single source of its route, its OpenAPI description and its client types. */
export interface Operation {
  /** Unique, camelCase: the name to grep for. */
  readonly id: string
  readonly method: Method
  /** OpenAPI notation: `/v1/observability/judges/{judge_id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly access: Access
  readonly errorShape: ErrorShape
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** Absent: the operation takes no JSON body, or reads its body itself (`consumes`). */
  readonly body?: z.ZodType
  /** Media types of a body that the handler reads itself: multipart, protobuf, a provider's JSON. */
  readonly consumes?: readonly string[]
  /** Largest body in bytes; 4 MiB if absent. */
  readonly bodyLimit?: number
  readonly status: 200 | 201 | 202 | 204
  /** Absent: no body (204), or one that the handler writes itself (`produces`). */
  readonly response?: z.ZodType
  /** What the frames of the answer hold when the caller asks for a stream instead of `response`. */
  readonly events?: z.ZodType
  /** Media types of an answer that the handler writes itself: streams, files. */
  readonly produces?: readonly string[]
  /** Codes that this operation answers beside those that every operation may answer. */
  readonly errors?: readonly ErrorCode[]
}

/** Declares an operation; keeps the literal types of its schemas for handlers and clients. */
export function operation<const O extends Operation>(definition: O): O {
  return definition
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined

export type ParamsOf<O extends Operation> = Parsed<O['params']>
export type QueryOf<O extends Operation> = Parsed<O['query']>
export type BodyOf<O extends Operation> = Parsed<O['body']>
/** What a handler returns: the answer's body before serialisation. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a body returns nothing
export type ResponseOf<O extends Operation> = O['response'] extends z.ZodType ? z.input<O['response']> : void
