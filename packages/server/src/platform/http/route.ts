import { mistakeWords } from '@tramontane/contract/mistake-words'
import type { BodyOf, Operation, ParamsOf, QueryOf, ResponseOf } from '@tramontane/contract/operation'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { isDeeperThan } from '../json-depth.ts'
import type { Caller } from './auth.ts'
import { ApiError, type ValidationIssue } from './errors.ts'

/** What a handler gets: the parsed parts of the request, and who calls. */
export interface Call<O extends Operation> {
  readonly params: ParamsOf<O>
  readonly query: QueryOf<O>
  readonly body: BodyOf<O>
  /** Absent only on operations with access `public`. */
  readonly caller: O['access'] extends 'public' ? Caller | undefined : Caller
  /** Fires when the caller hangs up. */
  readonly signal: AbortSignal
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

const DEFAULT_BODY_LIMIT = 4 * 1024 * 1024
const MAX_DEPTH = 256
const NOTHING = {}

function checkDepth(body: unknown): void {
  if (isDeeperThan(body, MAX_DEPTH))
    throw new ApiError('VALIDATION_ERROR', `The body is nested deeper than ${MAX_DEPTH} levels.`)
}

/**
 * What is wrong with a value that may have several shapes: the issues of the shape in which they lie deepest, and of
 * equally deep ones the fewest.
 */
function unfolded(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const shapes = issue.errors.map((inner) =>
    inner.flatMap((one) => unfolded({ ...one, path: [...issue.path, ...one.path] })),
  )
  const depth = (issues: z.core.$ZodIssue[]) => Math.max(...issues.map(({ path }) => path.length))
  return shapes.sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0]!
}

function toIssues(error: z.ZodError, part: string): ValidationIssue[] {
  const issues = error.issues.flatMap(unfolded)
  return issues.slice(0, 20).map((issue) => ({
    loc: [part, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))],
    msg: issue.message,
    type: issue.code,
  }))
}

function parse<S extends z.ZodType>(schema: S, value: unknown, part: 'path' | 'query' | 'body'): z.output<S> {
  const parsed = schema.safeParse(value, { error: mistakeWords })
  if (parsed.success) return parsed.data
  const issues = toIssues(parsed.error, part)
  const text = issues
    .slice(0, 3)
    .map((issue) => `${issue.loc.join('.')}: ${issue.msg}`)
    .join('; ')
  throw new ApiError('VALIDATION_ERROR', text, { issues })
}

/** An AbortSignal that fires when the connection closes before the answer is complete. */
function hangUpSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('the caller hung up'))
  })
  return controller.signal
}

/** What Fastify is told of an operation: its place, its limit, who may call it. */
export function routeOptions(operation: Operation) {
  return {
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    bodyLimit: operation.bodyLimit ?? DEFAULT_BODY_LIMIT,
    config: { access: operation.access, errorShape: operation.errorShape, operationId: operation.id },
  }
}

/**
 * Serves an operation of the contract: access, parsing and the status come from its declaration.
 * @param handler returns the answer's body; a handler that writes the answer itself returns nothing after `reply.send`
 *   or `reply.hijack`
 */
export function route<const O extends Operation>(
  app: FastifyInstance,
  operation: O,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is one without `return`
  handler: (call: Call<O>) => Promise<ResponseOf<O> | void>,
): void {
  app.route({
    ...routeOptions(operation),
    handler: async (request, reply) => {
      if (operation.body) checkDepth(request.body)
      const call = {
        params: operation.params ? parse(operation.params, request.params, 'path') : undefined,
        query: operation.query ? parse(operation.query, request.query ?? NOTHING, 'query') : undefined,
        body: operation.body ? parse(operation.body, request.body ?? NOTHING, 'body') : undefined,
        caller: request.caller,
        signal: hangUpSignal(reply),
        request,
        reply,
      } as Call<O>
      const answer = await handler(call)
      const isWritten = answer === undefined && operation.status !== 204
      if (reply.sent || isWritten) return reply
      reply.status(operation.status)
      return operation.status === 204 ? reply.send() : answer
    },
  })
}
