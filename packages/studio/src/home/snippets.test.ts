import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exampleModel, keySnippet, trafficSnippets, workerEnvironment } from './snippets.ts'

const url = 'https://tramontane.example'

describe('what is there to copy', () => {
  it('names this server and a model that somebody answers for', () => {
    for (const { id, files } of trafficSnippets(url, 'my-model')) {
      const { code } = files[0]!
      assert.ok(code.includes(url), id)
      assert.ok(code.includes('"my-model"'), id)
      assert.ok(code.includes('TRAMONTANE_API_KEY'), id)
    }
  })

  it('gives OpenAI clients the version’s path, and the official ones none', () => {
    const of = (id: string) => trafficSnippets(url, 'm').find((one) => one.id === id)!.files[0]!.code
    assert.match(of('openai-python'), /base_url="https:\/\/tramontane\.example\/v1"/)
    assert.match(of('mistral-python'), /server_url="https:\/\/tramontane\.example"/)
  })

  it('is JSON where JSON is sent', () => {
    const curl = trafficSnippets(url, 'a "quoted" model').find(({ id }) => id === 'curl')!
    const body = JSON.parse(/-d '(.*)'/s.exec(curl.files[0]!.code)![1]!)
    assert.equal(body.model, 'a "quoted" model')
  })

  it('prefers a model that is named outright', () => {
    assert.equal(exampleModel([{ models: 'mistral-*' }, { models: 'llama3' }]), 'llama3')
    assert.equal(exampleModel([{ models: '*' }]), 'mistral-small-latest')
    assert.equal(exampleModel([]), 'mistral-small-latest')
  })

  it('has room for a key', () => {
    assert.match(keySnippet(undefined), /=…$/)
    assert.equal(keySnippet('tmt_1'), 'export TRAMONTANE_API_KEY=tmt_1')
    assert.match(workerEnvironment(url, 'tmt_1'), /SERVER_URL=https:\/\/tramontane\.example\n.*=tmt_1\n/)
  })
})
