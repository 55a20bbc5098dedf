import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { eventually } from '@tramontane/testkit/eventually'
import { type RawProvider, startRawProvider } from '@tramontane/testkit/raw-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

interface RawAnswer {
  status: number
  message: string | undefined
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** Calls a server and keeps every byte of its answer. */
function callRaw(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      url,
      { method: options.method ?? 'POST', headers: options.headers ?? {} },
      (answer) => {
        answer.toArray().then(
          (chunks) =>
            resolve({
              status: answer.statusCode!,
              message: answer.statusMessage,
              headers: answer.headers,
              body: Buffer.concat(chunks),
            }),
          reject,
        )
      },
    )
    call.on('error', reject)
    call.end(options.body)
  })
}

describe('what the gateway passes on', () => {
  let provider: RawProvider
  let server: TestServer
  const json = () => ({ authorization: `Bearer ${server.key}`, 'content-type': 'application/json' })
  before(async () => {
    provider = await startRawProvider()
    server = await startTestServer({ providerUrl: provider.url, providerApiKey: 'the-provider-key' })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  // Spacing, key order, escapes, a repeated key and unusual numbers: all that parsing and writing again would change.
  const REQUEST =
    '{ "model":"m",  "messages":[{"role":"user","content":"\\u00e9\\ud83d \\u0000"}], "x":1.0e2, "x":2 }'
  const ANSWER =
    '{"choices" : [ {"message":{"role":"assistant","content":"\\u00e9"}} ], "n": 1E400 , "id":"r-1" }\n'

  for (const route of [
    '/v1/chat/completions',
    '/v1/agents/completions',
    '/v1/fim/completions',
    '/v1/embeddings',
    '/v1/chat/moderations',
    '/v1/chat/classifications',
    '/v1/moderations',
    '/v1/classifications',
    '/v1/ocr',
  ]) {
    it(`POST ${route}: the same bytes in both directions`, async () => {
      provider.answer((_request, response) => {
        response.writeHead(200, 'Fine', {
          'content-type': 'application/json; charset=utf-8',
          'x-ratelimit-remaining': '7',
          'x-request-id': 'theirs',
          'set-cookie': 'their=cookie',
        })
        response.end(ANSWER)
      })
      const answer = await callRaw(`${server.url}${route}?a=1&b=%20`, {
        headers: {
          ...json(),
          cookie: 'session=1',
          'x-api-key': 'a secret',
          'x-custom': 'kept',
          'x-forwarded-for': '10.1.1.1',
        },
        body: REQUEST,
      })
      const seen = provider.requests.at(-1)!
      assert.equal(seen.url, `${route}?a=1&b=%20`)
      assert.equal(seen.body.toString(), REQUEST)
      assert.equal(seen.headers.authorization, 'Bearer the-provider-key')
      assert.equal(seen.headers['x-custom'], 'kept')
      assert.equal(seen.headers['content-type'], 'application/json')
      for (const name of ['cookie', 'x-api-key', 'x-forwarded-for'])
        assert.equal(seen.headers[name], undefined, name)
      assert.equal(answer.status, 200)
      assert.equal(answer.message, 'Fine')
      assert.equal(answer.body.toString(), ANSWER)
      assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
      assert.equal(answer.headers['x-ratelimit-remaining'], '7')
      assert.equal(answer.headers['x-provider-request-id'], 'theirs')
      assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/)
      assert.equal(answer.headers['set-cookie'], undefined)
    })
  }

  it("passes the provider's refusals on as they are", async () => {
    provider.answer((_request, response) => {
      response.writeHead(429, { 'retry-after': '17', 'content-type': 'application/json' })
      response.end('{"message":"Requests rate limit exceeded",  "type":"rate_limited"}')
    })
    const answer = await callRaw(`${server.url}/v1/chat/completions`, { headers: json(), body: REQUEST })
    assert.equal(answer.status, 429)
    assert.equal(answer.headers['retry-after'], '17')
    assert.equal(answer.body.toString(), '{"message":"Requests rate limit exceeded",  "type":"rate_limited"}')
  })

  it('leaves out words of a status that HTTP has no characters for', async () => {
    provider.answer((_request, response) => {
      response.socket!.end('HTTP/1.1 400 请求错误\r\ncontent-length: 2\r\n\r\nno')
    })
    const answer = await callRaw(`${server.url}/v1/chat/completions`, { headers: json(), body: REQUEST })
    assert.deepEqual([answer.status, answer.body.toString()], [400, 'no'])
  })

  it('passes on what is no JSON, empty or packed', async () => {
    provider.answer((_request, response) => {
      response.writeHead(422, { 'content-encoding': 'gzip' })
      response.end(gzipSync('{"detail":"no"}'))
    })
    for (const body of ['{"model":', '', '[1]', '"text"']) {
      const answer = await callRaw(`${server.url}/v1/chat/completions`, { headers: json(), body })
      assert.equal(answer.status, 422)
      assert.equal(answer.headers['content-encoding'], 'gzip')
      assert.deepEqual(answer.body, gzipSync('{"detail":"no"}'))
      assert.equal(provider.requests.at(-1)!.body.toString(), body)
    }
  })

  it('passes a form on', async () => {
    provider.answer((_request, response) => response.end('{"text":"hello"}'))
    const body = '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nvoxtral\r\n--b--\r\n'
    const headers = { ...json(), 'content-type': 'multipart/form-data; boundary=b' }
    const answer = await callRaw(`${server.url}/v1/audio/transcriptions`, { headers, body })
    assert.equal(answer.body.toString(), '{"text":"hello"}')
    assert.equal(provider.requests.at(-1)!.body.toString(), body)
    assert.equal(provider.requests.at(-1)!.headers['content-type'], headers['content-type'])
  })

  it('passes on a body larger than any pipe, both ways', async () => {
    provider.answer((request, response) => response.end(request.body))
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(20_000_000) }] })
    const answer = await callRaw(`${server.url}/v1/chat/completions`, { headers: json(), body })
    assert.equal(answer.body.length, body.length)
    assert.ok(answer.body.equals(Buffer.from(body)))
  })

  it('refuses a body of more than 64 MiB, naming the limit', async () => {
    const answer = await server.call('POST', '/v1/chat/completions', {
      body: Buffer.alloc(64 * 1024 * 1024 + 1, 'x'),
      headers: { 'content-type': 'application/json' },
    })
    assert.equal(answer.status, 413)
    assert.equal(answer.body.error.code, 'PAYLOAD_TOO_LARGE')
    assert.match(answer.body.error.message, /67108864 bytes/)
  })

  it('lets each frame of a stream flow when it comes, and holds nothing but its end', async () => {
    const frames = [
      'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
      ': ping\n\n',
      'data: {"b":2}\r\n\r\n',
    ]
    let goOn: () => void = () => {}
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(frames[0])
      goOn = () => response.end(`${frames[1]}${frames[2]}data: [DONE]\n\n`)
    })
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: json(),
      body: '{"model":"m","stream":true}',
    })
    assert.equal(answer.headers.get('content-type'), 'text/event-stream')
    const reader = answer.body!.getReader()
    const first = await reader.read()
    assert.equal(Buffer.from(first.value!).toString(), frames[0])
    goOn()
    let rest = ''
    for (let read = await reader.read(); !read.done; read = await reader.read())
      rest += Buffer.from(read.value)
    assert.equal(rest, `${frames[1]}${frames[2]}data: [DONE]\n\n`)
  })

  it('gives the end of a stream that the provider leaves open', async () => {
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: [DONE]\n\n')
    })
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: json(),
      body: '{"model":"m"}',
    })
    const reader = answer.body!.getReader()
    assert.equal(Buffer.from((await reader.read()).value!).toString(), 'data: [DONE]\n\n')
    await reader.cancel()
  })

  it('takes no more from the provider than a slow caller takes', async () => {
    let sent = 0
    const frame = `data: ${'x'.repeat(99_992)}\n\n`
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const push = () => {
        if (sent === 200_000_000) return response.end()
        sent += 100_000
        response.write(frame, push)
      }
      push()
    })
    const call = httpRequest(`${server.url}/v1/chat/completions`, { method: 'POST', headers: json() })
    call.on('error', () => {})
    // Without a listener, Node would read the answer and throw it away.
    call.on('response', () => {})
    call.end('{"model":"m","stream":true}')
    await eventually(() => sent > 0)
    let before = -1
    await eventually(
      () => {
        const isSteady = sent === before
        before = sent
        return isSteady
      },
      { everyMs: 300 },
    )
    assert.ok(sent < 100_000_000, `${sent} bytes were taken for a caller who reads none`)
    call.destroy()
  })

  it('ends the call to the provider when the caller hangs up', async () => {
    let isEnded = false
    provider.answer((_request, response) => {
      response.on('close', () => {
        isEnded = true
      })
    })
    const seen = provider.requests.length
    const call = httpRequest(`${server.url}/v1/embeddings`, { method: 'POST', headers: json() })
    call.on('error', () => {})
    call.end('{"model":"m"}')
    await eventually(() => provider.requests.length > seen)
    call.destroy()
    await eventually(() => isEnded)
  })

  it('breaks off when the provider does', async () => {
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"half":', () => response.destroy())
    })
    await assert.rejects(callRaw(`${server.url}/v1/chat/completions`, { headers: json(), body: REQUEST }))
  })

  it('asks no key for nothing, and takes the keys of traffic only', async () => {
    const body = { model: 'm', messages: [] }
    provider.answer((_request, response) => response.end('{}'))
    assert.equal((await server.call('POST', '/v1/chat/completions', { body, key: null })).status, 401)
    for (const [role, status] of [
      ['ingest', 200],
      ['member', 200],
      ['read', 403],
      ['worker', 200],
    ] as const) {
      const answer = await server.call('POST', '/v1/chat/completions', {
        body,
        key: await server.makeKey(role),
      })
      assert.equal(answer.status, status, role)
    }
  })

  it("passes the provider's models on, and deletes none", async () => {
    provider.answer((request, response) => response.end(`{ "asked" : "${request.url}" }`))
    const list = await callRaw(`${server.url}/v1/models?provider=x`, { method: 'GET', headers: json() })
    assert.equal(list.body.toString(), '{ "asked" : "/v1/models?provider=x" }')
    const one = await callRaw(`${server.url}/v1/models/org%2Fm`, { method: 'GET', headers: json() })
    assert.equal(one.body.toString(), '{ "asked" : "/v1/models/org%2Fm" }')
    const seen = provider.requests.length
    for (const up of ['%2e%2e', '..%2ffiles', 'a%2f..%2f..%2ffiles', '..%5cfiles']) {
      const refused = await callRaw(`${server.url}/v1/models/${up}`, { method: 'GET', headers: json() })
      assert.ok([404, 422].includes(refused.status), `${up}: ${refused.status}`)
    }
    const deleted = await server.call('DELETE', '/v1/models/m')
    assert.equal(deleted.status, 400)
    assert.equal(deleted.body.error.code, 'FEATURE_NOT_SUPPORTED')
    assert.equal(provider.requests.length, seen)
  })
})

describe('which provider answers', () => {
  it('says which setting is missing when there is none', async () => {
    const server = await startTestServer()
    try {
      for (const [method, target] of [
        ['POST', '/v1/chat/completions'],
        ['POST', '/v1/agents/completions'],
        ['GET', '/v1/models'],
      ] as const) {
        const body = method === 'POST' ? { model: 'm', messages: [] } : undefined
        const answer = await server.call(method, target, { body })
        assert.equal(answer.status, 503, target)
        assert.equal(answer.body.error.code, 'PROVIDER_NOT_CONFIGURED')
        assert.match(answer.body.error.message, /TRAMONTANE_PROVIDER_URL/)
      }
    } finally {
      await server.close()
    }
  })

  it('is chosen by the model; several lists of models become one; silence has a limit', async () => {
    const [small, all] = await Promise.all([startRawProvider(), startRawProvider()])
    const folder = await mkdtemp(path.join(tmpdir(), 'tramontane-providers-'))
    const providersFile = path.join(folder, 'providers.json')
    await writeFile(
      providersFile,
      JSON.stringify({
        providers: [
          { name: 'small', models: 'small-*', url: small.url, timeout_seconds: 0.3 },
          { name: 'all', models: '*', url: all.url },
          { name: 'gone', models: 'never', url: 'http://127.0.0.1:1/v1' },
        ],
      }),
    )
    const server = await startTestServer({ providersFile })
    try {
      small.answer((_request, response) => response.end('{"data":[{"id":"small-1"},{"id":"large-1"}]}'))
      all.answer((_request, response) =>
        response.end('{"data":[{"id":"large-1","extra":1},{"id":"small-1"}]}'),
      )
      const list = await server.call('GET', '/v1/models')
      assert.deepEqual(list.body, { object: 'list', data: [{ id: 'small-1' }, { id: 'large-1', extra: 1 }] })
      for (const [body, expected] of [
        [{ model: 'small-1' }, small],
        [{ model: 'large' }, all],
        [{ agent_id: 'ag' }, all],
      ] as const) {
        const seen = expected.requests.length
        await server.call('POST', '/v1/agents/completions', { body })
        assert.equal(expected.requests.length, seen + 1, JSON.stringify(body))
        assert.equal(expected.requests.at(-1)!.headers.authorization, undefined)
      }
      small.answer(() => {})
      const late = await server.call('POST', '/v1/embeddings', { body: { model: 'small-1' } })
      assert.equal(late.status, 504)
      assert.equal(late.body.error.code, 'PROVIDER_TIMEOUT')
      await all.close()
      const gone = await server.call('POST', '/v1/embeddings', { body: { model: 'large' } })
      assert.equal(gone.status, 502)
      assert.equal(gone.body.error.code, 'PROVIDER_UNREACHABLE')
      assert.match(gone.body.error.message, /ECONNREFUSED|other side closed/)
    } finally {
      await server.close()
      await small.close()
      await rm(folder, { recursive: true })
    }
  })
})
