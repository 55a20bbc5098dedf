import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { LimitedProcesses } from './limited-processes.ts'

const IDLE_MS = 30

/** They render templates, as the smallest thing that such a process is there for. */
describe('processes with limits', () => {
  const processes = new LimitedProcesses<object, readonly { text: string }[]>({
    module: 'template-process',
    from: new URL('../../observability/judges/template-renderer.ts', import.meta.url).href,
    heapMb: 64,
    size: 1,
    idleMs: IDLE_MS,
  })
  after(() => processes.stop())

  const render = (variables: object) =>
    processes.run({ template: 'so', variables: [variables], maxLength: 100, timeLimitMs: 5_000 }, 5_000)

  it('give no work to one that is being ended because it had none', async () => {
    for (let time = 0; time < 5; time++) {
      assert.equal((await render({}))?.[0]?.text, 'so')
      // Set after the timer that ends the idle process, so it fires right after that one.
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    }
  })

  it('say that it was too much when a request does not go into a message', async () => {
    const endless: Record<string, unknown> = {}
    endless.itself = endless
    assert.equal(await render({ toJSON: () => assert.fail('this cannot be sent') }), undefined)
    assert.equal(await render(endless), undefined)
    assert.equal((await render({}))?.[0]?.text, 'so')
  })
})
