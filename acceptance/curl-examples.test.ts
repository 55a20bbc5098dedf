import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { operations } from '@tramontane/contract/operations'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { type Example, examples, type Name } from './curl/examples.ts'
import { scriptedModel } from './harness/scripted-model.ts'
import { operationOf } from './harness/sdk-operations.ts'
import { type ServerProcess, startServerProcess } from './harness/server-process.ts'

/** What stands at a dotted place; undefined if nothing does. */
function at(value: unknown, place: string): unknown {
  return place.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], value)
}

/** The schema that the contract gives an operation's answer; it is held against the official one elsewhere. */
function answerSchema(method: string, url: string) {
  const names = operations.map((operation) => `${operation.method} ${operation.path}`)
  const operation = operations[names.indexOf(operationOf(method, url, names) ?? '')]
  assert.ok(operation, `${method} ${url} is an operation of the contract`)
  return operation.response
}

describe('the examples of the documentation, as curl sends them', () => {
  let server: ServerProcess
  let provider: ScriptedProvider
  const ids: Partial<Record<Name, string>> = {}

  const call = async (method: string, path: string, body?: unknown, hasContentType = body !== undefined) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.key}`,
        ...(hasContentType && !(body instanceof FormData) ? { 'content-type': 'application/json' } : {}),
      },
      body: body instanceof FormData || body === undefined ? body : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  before(async () => {
    provider = await startScriptedProvider(scriptedModel)
    server = await startServerProcess(provider.url)
    const messages = [{ role: 'user', content: 'Hello?' }]
    await call('POST', '/v1/chat/completions', { model: 'mistral-small-latest', messages })
    const found = await call('POST', '/v1/observability/chat-completion-events/search-ids', {
      search_params: { filters: null },
    })
    ids.event = found.body.completion_event_ids[0]
    const form = new FormData()
    form.set('file', new Blob([JSON.stringify({ messages })]), 'import.jsonl')
    ids.file = (await call('POST', '/v1/files', form)).body.id
    const started = await call('POST', '/v1/conversations', {
      model: 'mistral-small-latest',
      inputs: 'Hello?',
    })
    ids.conversation = started.body.conversation_id
  })
  after(async () => {
    await server?.stop()
    await provider?.close()
  })

  const filled = (text: string) =>
    text.replaceAll(/\{([a-z]+)\}/g, (whole, name) => ids[name as Name] ?? whole)

  const run = async (example: Example) => {
    const path = filled(example.path)
    const body = example.body === undefined ? undefined : JSON.parse(filled(JSON.stringify(example.body)))
    const answer = await call(example.method, path, body, example.hasContentType ?? body !== undefined)
    assert.equal(answer.status, example.status, JSON.stringify(answer.body))
    if (example.status === 422) assert.equal(answer.body.detail.error_code, 'VALIDATION_ERROR')
    if (!example.keys) return
    for (const key of example.keys) assert.notEqual(at(answer.body, key), undefined, `${key} is answered`)
    const parsed = answerSchema(example.method, `${server.url}${path}`)?.safeParse(answer.body)
    assert.ok(parsed?.success, parsed?.error?.message)
    if (example.gives) ids[example.gives] = answer.body.id
  }

  for (const example of examples) {
    it(`${example.method} ${example.path} answers ${example.status}`, () => run(example))
  }

  it('gives a judge whose output says no type the type that its fields tell', async () => {
    const { name: _, ...definition } = examples[0]!.body as { name: string }
    const made = await call('POST', '/v1/observability/judges', { ...definition, name: 'Untyped' })
    assert.equal(made.body.output.type, 'CLASSIFICATION')
  })

  it('answers numbers that came as strings as numbers', async () => {
    const judge = { ...(examples[0]!.body as object), name: 'For numbers' }
    const { id } = (await call('POST', '/v1/observability/judges', judge)).body
    const body = { ...(examples[5]!.body as object), name: 'Numbers', judge_id: id }
    const made = await call('POST', '/v1/observability/campaigns', body)
    assert.equal(made.body.max_nb_events, 100)
  })
})
