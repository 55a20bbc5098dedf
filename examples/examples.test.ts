import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'

const run = promisify(execFile)

describe('the examples', () => {
  let server: TestServer
  let provider: ScriptedProvider
  before(async () => {
    provider = await startScriptedProvider(({ body }) =>
      body.response_format
        ? JSON.stringify({ analysis: 'Scripted.', answer: 'unhelpful' })
        : `A wind, says the script, of ${body.messages.length}.`,
    )
    server = await startTestServer({ temporalAddress: testTemporal(), providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  const output = async (name: string): Promise<string> => {
    const program = path.join(import.meta.dirname, name, 'run.ts')
    const { stdout } = await run(process.execPath, ['--conditions=tramontane-source', program], {
      env: { ...process.env, SERVER_URL: server.url, MISTRAL_API_KEY: server.key, LOG_LEVEL: 'ERROR' },
      timeout: 120_000,
    })
    return stdout
  }

  it('hello-world', async () => {
    assert.match(await output('hello-world'), /Bonjour, world!/)
  })

  it('human-approval', async () => {
    assert.match(await output('human-approval'), /A chair for 180 €\? yes .*\napproved by Ada/)
  })

  it('token-streaming-chat', async () => {
    const text = await output('token-streaming-chat')
    assert.match(text, /> What is the tramontane\?\nA wind, says the script, of 1\./)
    assert.match(text, /> And where does it blow\?\nA wind, says the script, of 3\./)
  })

  it('document-pipeline', async () => {
    const text = await output('document-pipeline')
    assert.match(text, /contract\.txt: contract, 15 words/)
    assert.match(text, /invoice-7\.txt: invoice/)
    assert.match(text, /lost\.txt: failed/)
    assert.match(text, /progress .*"path":"\/failed","value":1/)
  })

  it('nightly-review', async () => {
    const text = await output('nightly-review')
    assert.match(text, /the schedule starts next at \d{4}-/)
    const [, judged, unhelpful] = /(\d+) answers judged, (\d+) unhelpful/.exec(text)!
    assert.ok(Number(judged) >= 3 && Number(unhelpful) >= 3, text)
  })
})
