import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { type Answer, startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { type DescribedOperation, fillPath, operationsOf } from './hostile/described-api.ts'
import { campaignBody, judgeBody, makeResources, type ResourceIds, recordBody } from './hostile/resources.ts'
import { sampleOf } from './hostile/schema-sample.ts'

/** What each role may do, written down once more: a change in the server alone fails here. */
const RIGHTS = {
  admin: ['read', 'write', 'ingest', 'telemetry', 'work', 'administer'],
  member: ['read', 'write', 'ingest', 'telemetry', 'work'],
  read: ['read'],
  ingest: ['ingest', 'telemetry'],
  worker: ['ingest', 'telemetry', 'work'],
} as const
type Role = keyof typeof RIGHTS

/** The only operations that need no key: a link to download from is signed instead, and whoever logs in brings a key or a link. */
const PUBLIC = ['createSession', 'downloadSignedFile', 'live', 'openapi', 'ready']

const NOBODY = '01920000-0000-7000-8000-000000000000'
/** Parameters that are no ids of resources. */
const NAMES = new Set(['field_name', 'model_id', 'provider_name'])

/** What nobody may do here: there are no users to act for. */
const REFUSED_TO_ALL = new Set(['getExecutorIdentityToken'])

/** Bodies that mean something to the operation, where one that only fits the schema does not. */
const BODIES: Readonly<Record<string, (ids: ResourceIds) => unknown>> = {
  createJudge: () => judgeBody(`judge ${Math.random().toString(36).slice(2)}`),
  updateJudge: () => judgeBody('a changed judge'),
  judgeEvent: () => ({ judge_definition: judgeBody('unsaved judge') }),
  judgeDatasetRecord: () => ({ judge_definition: judgeBody('unsaved judge') }),
  createCampaign: ({ judge_id }) => campaignBody(judge_id ?? NOBODY),
  createDatasetRecord: () => recordBody,
}

/** Opens a stream; what is refused is read, and what is not is left at once. */
async function openAndLeave(server: TestServer, path: string, key: string | null): Promise<Answer> {
  const hangUp = new AbortController()
  const response = await fetch(new URL(path, server.url), {
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
    signal: hangUp.signal,
  })
  const body = response.ok ? '' : await response.json()
  hangUp.abort()
  return { status: response.status, headers: response.headers, body }
}

describe('every operation of the API', () => {
  let provider: ScriptedProvider
  let server: TestServer
  let operations: DescribedOperation[]
  let keys: Record<Role, string>
  let ids: ResourceIds
  let foreignKey: string

  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url, temporalAddress: testTemporal() })
    operations = operationsOf((await server.call('GET', '/openapi.json')).body)
    keys = Object.fromEntries(
      await Promise.all(
        Object.keys(RIGHTS).map(async (role) => [role, await server.makeKey(role as Role)] as const),
      ),
    ) as Record<Role, string>
    foreignKey = await server.makeKey('admin', 'another team')
    ids = await makeResources(server.call, new Set(operations.flatMap(pathParameters)))
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  const pathParameters = (operation: DescribedOperation): string[] =>
    operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)

  const pathOf = (operation: DescribedOperation, value: (name: string) => string): string => {
    const query = operation.parameters
      .filter((parameter) => parameter.in === 'query' && parameter.required)
      .map(({ name, schema }) => `${name}=${encodeURIComponent(String(sampleOf(schema, operation.root)))}`)
    const path = fillPath(operation.path, value)
    return query.length === 0 ? path : `${path}?${query.join('&')}`
  }

  const bodyOf = (operation: DescribedOperation, made: ResourceIds): unknown => {
    if (operation.id in BODIES) return BODIES[operation.id]!(made)
    if (operation.mediaTypes[0] === 'multipart/form-data') return new FormData()
    return operation.body
      ? sampleOf(operation.body, operation.root)
      : operation.mediaTypes.length > 0
        ? {}
        : undefined
  }

  const call = (
    operation: DescribedOperation,
    value: (name: string) => string,
    { key, made = {} }: { key: string | null; made?: ResourceIds },
  ): Promise<Answer> =>
    operation.isStream
      ? openAndLeave(server, pathOf(operation, value), key)
      : server.call(operation.method, pathOf(operation, value), { body: bodyOf(operation, made), key })

  const shown = (operation: DescribedOperation, answer: Answer): string =>
    `${operation.id}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`
  const codeOf = ({ body }: Answer): unknown => body?.detail?.error_code ?? body?.error?.code ?? body?.code
  const isUnsupported = (answer: Answer): boolean => codeOf(answer) === 'FEATURE_NOT_SUPPORTED'

  it('is walked', () => {
    assert.ok(operations.length > 30)
    assert.deepEqual(
      operations
        .filter(({ access }) => access === 'public')
        .map(({ id }) => id)
        .sort(),
      PUBLIC,
    )
  })

  it('wants a key', async () => {
    const wrong: string[] = []
    for (const operation of operations.filter(({ access }) => access !== 'public')) {
      for (const key of [null, 'tmt_unknown', '']) {
        const answer = await call(operation, () => NOBODY, { key })
        if (answer.status !== 401) wrong.push(shown(operation, answer))
      }
    }
    assert.deepEqual(wrong, [])
  })

  for (const role of Object.keys(RIGHTS) as Role[]) {
    it(`lets the role ${role} do what is declared, and nothing else`, async () => {
      const wrong: string[] = []
      for (const operation of operations) {
        const allowed =
          operation.access === 'public' || (RIGHTS[role] as readonly string[]).includes(operation.access)
        const answer = await call(operation, () => NOBODY, { key: keys[role] })
        if (operation.id === 'createSession') assert.equal(answer.status, 401)
        else if (REFUSED_TO_ALL.has(operation.id)) assert.equal(answer.status, 403)
        else if (allowed ? [401, 403].includes(answer.status) : answer.status !== 403)
          wrong.push(`${operation.access}, ${shown(operation, answer)}`)
      }
      assert.deepEqual(wrong, [])
    })
  }

  it('answers 404 to ids that nobody has, be they well-formed or not', async () => {
    const wrong: string[] = []
    for (const operation of operations) {
      const names = pathParameters(operation)
      if (names.length === 0 || names.some((name) => NAMES.has(name))) continue
      for (const id of [NOBODY, 'no-id', '%00', '%F0%9F%92%A9', "'%20or%201=1", 'x'.repeat(400)]) {
        const answer = await call(operation, () => id, { key: server.key })
        if (!isUnsupported(answer) && answer.status !== 404)
          wrong.push(`${id.slice(0, 50)}, ${shown(operation, answer)}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it("answers 404 to another workspace's ids, and leaves what they name as it was", async () => {
    const wrong: string[] = []
    for (const operation of operations) {
      const names = pathParameters(operation)
      if (names.length === 0 || names.some((name) => NAMES.has(name))) continue
      const answer = await call(operation, (name) => ids[name] ?? NOBODY, { key: foreignKey, made: ids })
      if (isUnsupported(answer)) continue
      for (const name of names) assert.ok(ids[name], `say in hostile/resources.ts how to make a ${name}`)
      if (answer.status !== 404) wrong.push(shown(operation, answer))
    }
    // The same ids are good for their own workspace: nothing above was 404 for another reason, nothing was deleted.
    for (const operation of operations) {
      const names = pathParameters(operation)
      if (operation.method !== 'GET' || names.length === 0 || names.some((name) => NAMES.has(name))) continue
      const answer = await call(operation, (name) => ids[name] ?? NOBODY, { key: server.key })
      if (isUnsupported(answer) || operation.access === 'public') continue
      if (answer.status !== 200) wrong.push(`my own: ${shown(operation, answer)}`)
    }
    assert.deepEqual(wrong, [])
  })

  it("answers 404 to another workspace's ids in a body", async () => {
    const answer = await server.call('POST', '/v1/observability/campaigns', {
      key: foreignKey,
      body: campaignBody(ids.judge_id!),
    })
    assert.equal(answer.status, 404)
    assert.equal(codeOf(answer), 'JUDGE_NOT_FOUND')
  })

  it('lists nothing of another workspace', async () => {
    const mine = Object.values(ids)
    for (const operation of operations) {
      if (operation.method !== 'GET' || pathParameters(operation).length > 0 || operation.access === 'public')
        continue
      const answer = await call(operation, () => NOBODY, { key: foreignKey })
      const text = JSON.stringify(answer.body)
      for (const id of mine) assert.ok(!text.includes(id), `${operation.id} shows ${id}`)
    }
  })
})
