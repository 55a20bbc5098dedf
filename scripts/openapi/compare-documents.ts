import { type Difference, isAnything, type Json, type Schema, SchemaFit } from './schema-fit.ts'

const COVERED =
  /^\/v1\/(workflows\b|observability\/|files\b|conversations\b|chat\/completions|agents\/completions|fim\/completions|embeddings|models\b)/
/** Bodies and answers of these are the provider's, and are passed on as they are. */
const PASSED_THROUGH = /^\/v1\/(chat|agents|fim|embeddings|models)\b/
/** Of what is passed through, what no other provider has a like of. */
const VENDOR_ONLY = new Set(['DELETE /v1/models/{}'])

/** Differences that are meant, each with its reason. */
const DECIDED: readonly { where: RegExp; why: string }[] = [
  {
    where: /^\w+ \/v1\/files.* answer 200.*\.purpose: any string/,
    why: 'a file may be for more than the vendor names: evaluation, for one; the official clients take any',
  },
  {
    where: /^\w+ \/v1\/workflows\/deployments\S* answer 202/,
    why: 'never answered: the vendor’s cloud would build and run these workers, and the operations say so',
  },
  {
    where: /trace\/otel answer 200.*attributes\[\]\.value\.stringValue: is missing/,
    why: 'an attribute may be a `doubleValue`: the official clients read it, their document has left it out',
  },
  {
    where: /^GET \/v1\/workflows\/(events|executions\/\{\w+\})\/stream answer 200 text\/event-stream<error>/,
    why: 'the frame with which a stream is broken off: their document had left it out, and has it since',
  },
  {
    where:
      /<CUSTOM_TASK_IN_PROGRESS>\.attributes\.payload<json_patch>\.value(\[\]<append>\.value: object does not fit string|: string does not fit array)$/,
    why: 'what workers have encrypted: the official clients read it, their document had left it out, and has it since',
  },
  {
    where: /^POST \/v1\/workflows\S*\/execute body\.execution_id: maxLength is 256 there and 255 here$/,
    why: 'the columns of Temporal’s databases hold 255 characters; one more is refused with a sentence that says so',
  },
  {
    where: /^GET \/v1\/workflows\S* query \w+: string does not fit array/,
    why: 'one value counts as a list of one, as for every parameter that may be repeated',
  },
]

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** A difference with its operation. */
export interface DocumentDifference extends Difference {
  readonly operation: string
}

function template(path: string): string {
  return path.replace(/#.*$/, '').replaceAll(/\{\w+\}/g, '{}')
}

function operationsOf(document: Json): { method: string; path: string; operation: Json }[] {
  return Object.entries(document.paths as Record<string, Json>).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({
      method: method.toUpperCase(),
      path,
      operation: item[method] as Json,
    })),
  )
}

function schemaOf(root: Json, holder: unknown, type?: string): Schema | undefined {
  const content = (holder as Json | undefined)?.content as Record<string, Json> | undefined
  const media = type ? content?.[type] : Object.values(content ?? {})[0]
  return media && { root, schema: (media.schema as Json | undefined) ?? {} }
}

/**
 * Holds one OpenAPI document against a reference: each of its operations that we serve must be there, take all that
 * the reference takes, and answer nothing that the reference would not.
 */
export function compareDocuments(reference: Json, ours: Json): DocumentDifference[] {
  const served = new Map(
    operationsOf(ours).map(({ method, path, operation }) => [`${method} ${template(path)}`, operation]),
  )
  const found = operationsOf(reference)
    .filter(({ path }) => COVERED.test(path))
    .flatMap(({ method, path, operation }) => {
      const name = `${method} ${template(path)}`
      if (VENDOR_ONLY.has(name)) return []
      const own = served.get(name)
      const differences = own
        ? compareOperation(
            { root: reference, operation, path },
            { root: ours, operation: own },
            PASSED_THROUGH.test(path),
          )
        : [{ at: 'operation', what: 'is missing' }]
      return differences.map((difference) => ({ operation: `${method} ${path}`, ...difference }))
    })
  return found.filter(
    ({ operation, at, what }) => !DECIDED.some(({ where }) => where.test(`${operation} ${at}: ${what}`)),
  )
}

interface Described {
  readonly root: Json
  readonly operation: Json
  readonly path?: string
}

function compareOperation(reference: Described, ours: Described, isPassedThrough: boolean): Difference[] {
  return [
    ...compareParameters(reference, ours),
    ...(isPassedThrough ? [] : compareBodies(reference, ours)),
    ...compareAnswers(reference, ours, isPassedThrough),
  ]
}

function compareParameters(reference: Described, ours: Described): Difference[] {
  const own = (ours.operation.parameters ?? []) as Json[]
  const asked = ((reference.operation.parameters ?? []) as Json[]).filter(
    ({ in: place }) => place === 'query',
  )
  const fit = new SchemaFit({ limits: true, unknown: true })
  return asked.flatMap((parameter) => {
    const at = `query ${parameter.name}`
    const match = own.find(({ name, in: place }) => name === parameter.name && place === 'query')
    if (!match) return [{ at, what: 'is missing' }]
    const type = (from: Json, root: Json): Schema =>
      schemaOf(root, from) ?? { root, schema: (from.schema ?? {}) as Json }
    return [
      ...(match.required && !parameter.required ? [{ at, what: 'is required only here' }] : []),
      ...withoutNull(fit.differences(type(parameter, reference.root), type(match, ours.root), at)),
    ]
  })
}

/** No query string can carry null. */
function withoutNull(differences: Difference[]): Difference[] {
  return differences.filter(({ what }) => !what.startsWith('null does not fit'))
}

function compareBodies(reference: Described, ours: Described): Difference[] {
  const asked = schemaOf(reference.root, reference.operation.requestBody)
  if (!asked) return []
  const own = schemaOf(ours.root, ours.operation.requestBody)
  if (!own) return [{ at: 'body', what: 'is missing' }]
  return new SchemaFit({ limits: true, unknown: true }).differences(asked, own, 'body')
}

function compareAnswers(reference: Described, ours: Described, isPassedThrough: boolean): Difference[] {
  const answers = Object.entries((reference.operation.responses ?? {}) as Record<string, Json>)
  return answers
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([status, answer]) => {
      const own = (ours.operation.responses as Record<string, Json>)[status]
      if (!own) return [{ at: `answer ${status}`, what: 'is missing' }]
      return Object.keys((answer.content ?? {}) as Json).flatMap((type) =>
        compareAnswer(
          schemaOf(reference.root, answer, type)!,
          schemaOf(ours.root, own, type),
          `answer ${status}${type === 'application/json' ? '' : ` ${type}`}`,
          isPassedThrough,
        ),
      )
    })
}

function compareAnswer(
  asked: Schema,
  own: Schema | undefined,
  at: string,
  isPassedThrough: boolean,
): Difference[] {
  if (!own) return [{ at, what: 'is missing' }]
  if (isPassedThrough || asked.schema.format === 'binary') return []
  if (isAnything(own) && isAnything(asked)) return []
  return new SchemaFit({ limits: false, unknown: false }).differences(own, frameData(asked), at)
}

/** Of a frame of a stream, the reference describes event and data; we describe the data. */
function frameData(asked: Schema): Schema {
  const reference = asked.schema.$ref
  if (reference !== '#/components/schemas/ConversationEvents') return asked
  const frame = ((asked.root.components as Json).schemas as Record<string, Json>).ConversationEvents!
  return { root: asked.root, schema: (frame.properties as Record<string, Json>).data! }
}
