import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { errorCodes } from '@tramontane/contract/errors'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { type DescribedOperation, fillPath, operationsOf } from './hostile/described-api.ts'
import { hostileFilter, mutate, RAW_BODIES, RAW_URL_PARTS } from './hostile/hostile-values.ts'
import { Random } from './hostile/random.ts'
import { makeResources, type ResourceIds } from './hostile/resources.ts'
import { sampleOf } from './hostile/schema-sample.ts'

/** `TRAMONTANE_FUZZ_SEED` and `TRAMONTANE_FUZZ_ROUNDS` look further than the run that is the same for everyone. */
const SEED = Number(process.env.TRAMONTANE_FUZZ_SEED ?? 7_444)
const ROUNDS = Number(process.env.TRAMONTANE_FUZZ_ROUNDS ?? 10)
const AT_A_TIME = 8
const SLOW_MS = 15_000

interface Attempt {
  readonly operation: DescribedOperation
  /** As it stands in the request line. */
  readonly target: string
  readonly headers: Record<string, string>
  readonly body: string | Buffer | undefined
}

interface Outcome {
  readonly status: number
  readonly text: string
  readonly milliseconds: number
}

/** Sends an attempt as it is: `fetch` would mend its URL. Status 0: the server closed the connection. */
function attack(server: TestServer, { operation, target, headers, body }: Attempt): Promise<Outcome> {
  const started = performance.now()
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve) => {
    const done = (status: number, text: string) =>
      resolve({ status, text, milliseconds: performance.now() - started })
    const sent = request(
      // No connection twice: one that the server closes after an error would look like a crash to the next call.
      { agent: false, hostname, port, method: operation.method, path: target, headers, timeout: SLOW_MS },
      (response) => {
        if (response.headers['content-type']?.startsWith('text/event-stream') && operation.isStream) {
          done(response.statusCode!, '')
          response.destroy()
          return
        }
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => done(response.statusCode!, Buffer.concat(chunks).toString()))
        response.on('error', () => done(response.statusCode!, Buffer.concat(chunks).toString()))
      },
    )
    sent.on('error', () => done(0, ''))
    sent.on('timeout', () => sent.destroy())
    sent.end(body)
  })
}

/** The code of an error, in whichever shape the operation has; OTLP's errors carry a number of gRPC. */
function codeOf(text: string): unknown {
  try {
    const { detail, error, code } = JSON.parse(text)
    if (Array.isArray(detail)) return 'VALIDATION_ERROR'
    return detail?.error_code ?? error?.code ?? (typeof code === 'number' ? 'SERVICE_UNAVAILABLE' : code)
  } catch {
    return undefined
  }
}

/** What is wrong with an answer; undefined if nothing is. */
function complaint({ status, text, milliseconds }: Outcome): string | undefined {
  if (milliseconds >= SLOW_MS) return `no answer within ${SLOW_MS} ms`
  if (status === 500 || status === 0) return `status ${status}`
  if (status > 500 && !(String(codeOf(text)) in errorCodes)) return `status ${status} without a named code`
  return undefined
}

describe('what is thrown at the operations', () => {
  let provider: ScriptedProvider
  let server: TestServer
  let operations: DescribedOperation[]
  let ids: ResourceIds

  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url, temporalAddress: testTemporal() })
    operations = operationsOf((await server.call('GET', '/openapi.json')).body)
    const wanted = operations.flatMap(({ parameters }) => parameters.map(({ name }) => name))
    ids = await makeResources(server.call, new Set(wanted))
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  const targetOf = (operation: DescribedOperation, random: Random): string => {
    const path = fillPath(operation.path, (name) =>
      random.chance(0.75) ? (ids[name] ?? 'model_name') : random.pick(RAW_URL_PARTS),
    )
    const query = operation.parameters
      .filter((parameter) => parameter.in === 'query' && (parameter.required || random.chance(0.4)))
      .map(({ name, schema }) =>
        random.chance(0.3)
          ? `${name}=${encodeURIComponent(String(sampleOf(schema, operation.root)))}`
          : `${name}=${random.pick(RAW_URL_PARTS)}`,
      )
    if (random.chance(0.05)) query.push('__proto__=1', 'constructor[prototype][polluted]=1', '&&==%')
    return query.length === 0 ? path : `${path}?${query.join('&')}`
  }

  const bodyOf = (operation: DescribedOperation, random: Random): string | Buffer | undefined => {
    if (operation.mediaTypes.length === 0) return random.chance(0.1) ? random.pick(RAW_BODIES) : undefined
    if (random.chance(0.15)) return random.pick(RAW_BODIES)
    let left = 30
    const sample = operation.body
      ? (sampleOf(operation.body, operation.root, () => left-- > 0 && random.chance(0.7)) as Record<
          string,
          unknown
        >)
      : { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'ab', attributes: [] }] }] }] }
    // Ids of what is there lead further in than those of nothing.
    for (const name of Object.keys(sample ?? {})) if (ids[name]) sample[name] = ids[name]
    if (sample && 'search_params' in sample && random.chance(0.5))
      return JSON.stringify({ ...sample, search_params: { filters: hostileFilter(random) } })
    let mutated: unknown = sample
    for (let count = random.below(3); count >= 0; count--) mutated = mutate(mutated, random)
    return JSON.stringify(mutated) ?? ''
  }

  const headersOf = (
    operation: DescribedOperation,
    body: string | Buffer | undefined,
    random: Random,
  ): Record<string, string> => {
    const types = ['application/json', ...operation.mediaTypes]
    const odd = [
      'text/plain',
      'application/json; charset=utf-16',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      '',
    ]
    return {
      authorization: `Bearer ${server.key}`,
      // Node's client leaves it out of a GET, and the body would be taken for a second request.
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...(random.chance(0.9)
        ? { 'content-type': random.chance(0.9) ? types[0]! : random.pick([...types, ...odd]) }
        : {}),
      ...(random.chance(0.02) ? { 'content-encoding': random.pick(['gzip', 'br', 'nonsense']) } : {}),
      ...(random.chance(0.05) ? { accept: 'text/html', 'x-correlation-id': 'x'.repeat(1_000) } : {}),
    }
  }

  const attemptOn = (operation: DescribedOperation, random: Random): Attempt => {
    const body = bodyOf(operation, random)
    return {
      operation,
      target: targetOf(operation, random),
      headers: headersOf(operation, body, random),
      body,
    }
  }

  /** Makes the attempts and gives the complaints, each with what it takes to make it again. */
  const run = async (attempts: readonly Attempt[]): Promise<string[]> => {
    const complaints: string[] = []
    const queue = attempts[Symbol.iterator]()
    const worker = async () => {
      for (const attempt of queue) {
        const outcome = await attack(server, attempt)
        const wrong = complaint(outcome)
        if (wrong === undefined) continue
        const body = attempt.body?.toString().slice(0, 300) ?? ''
        complaints.push(
          `${attempt.operation.id}: ${wrong}: ${attempt.operation.method} ${attempt.target.slice(0, 200)} ${JSON.stringify(attempt.headers)} ${body} → ${outcome.text.slice(0, 200)}`,
        )
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, worker))
    return complaints
  }

  it('never becomes a 500, nor a 502 to 504 without a named code', { timeout: 600_000 }, async (context) => {
    context.diagnostic(`TRAMONTANE_FUZZ_SEED=${SEED} TRAMONTANE_FUZZ_ROUNDS=${ROUNDS}`)
    const random = new Random(SEED)
    const rounds = (list: readonly DescribedOperation[], count: number): Attempt[] =>
      Array.from({ length: count }, () => list.map((operation) => attemptOn(operation, random))).flat()
    const isDelete = ({ method }: DescribedOperation): boolean => method === 'DELETE'
    const others = operations.filter((operation) => !isDelete(operation))
    assert.deepEqual(await run(rounds(others, ROUNDS)), [])
    // What deletes comes last, so that the others find something.
    assert.deepEqual(await run(rounds(operations.filter(isDelete), 10)), [])
  })

  it('is refused when it is too large', async () => {
    const wrong: string[] = []
    for (const operation of operations.filter(({ mediaTypes }) => mediaTypes.length > 0)) {
      const target = fillPath(operation.path, (name) => ids[name] ?? 'model_name')
      const headers = {
        authorization: `Bearer ${server.key}`,
        'content-type': operation.mediaTypes[0]!,
        'content-length': String(700 * 1024 * 1024),
      }
      const { status } = await attack(server, { operation, target, headers, body: undefined })
      if (status !== 413) wrong.push(`${operation.id}: ${status} to 700 MiB`)
    }
    assert.deepEqual(wrong, [])
  })

  it('is refused when it is too large and did not say so', async () => {
    const operation = operations.find(({ id }) => id === 'createJudge')!
    const headers = {
      authorization: `Bearer ${server.key}`,
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    }
    const body = Buffer.alloc(8 * 1024 * 1024, ' ')
    const { status } = await attack(server, { operation, target: operation.path, headers, body })
    // A connection that is cut off in the middle of the body is a refusal as well.
    assert.ok(status === 413 || status === 0, String(status))
  })

  it('has polluted nothing and stopped nothing', async () => {
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
    assert.equal((await server.call('GET', '/readyz')).status, 200)
  })
})
