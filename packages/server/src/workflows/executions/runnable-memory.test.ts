import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { RunnableMemory } from './runnable-memory.ts'

// When the database is read: no route shows it.
describe('the memory of workflows', () => {
  let reads: PromiseWithResolvers<string>[]
  let memory: RunnableMemory
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'] })
    reads = []
    memory = new RunnableMemory({
      findWorkflow: () => assert.fail('nobody asks for it'),
      findByRegistration: () => assert.fail('nobody asks for it'),
      definitionOf: () => assert.fail('nobody asks for it'),
      chooseDeployment: () => {
        const read = Promise.withResolvers<string>()
        reads.push(read)
        return read.promise
      },
    })
  })
  afterEach(() => mock.timers.reset())

  const choose = () => memory.chooseDeployment('workspace', { workflowId: 'id', name: 'greet' })
  /** What becomes of it without the database answering anything more. */
  const chosen = () =>
    Promise.race([choose(), new Promise<'waits'>((resolve) => setImmediate(resolve, 'waits'))])
  const chosenAtFirst = async (deployment: string) => {
    const first = choose()
    reads.at(-1)!.resolve(deployment)
    assert.equal(await first, deployment)
  }

  it('has whoever asks often never wait, and tells what is new within half a second', async () => {
    await chosenAtFirst('turn 0')
    for (let turn = 1; turn <= 5; turn++) {
      mock.timers.tick(300)
      assert.equal(await chosen(), `turn ${turn - 1}`)
      assert.equal(await chosen(), `turn ${turn - 1}`)
      assert.equal(reads.length, turn, 'not before the call has its answer')
      mock.timers.tick(25)
      assert.equal(reads.length, turn + 1, 'once for all calls')
      assert.equal(await chosen(), `turn ${turn - 1}`)
      reads.at(-1)!.resolve(`turn ${turn}`)
      await reads.at(-1)!.promise
      assert.equal(await chosen(), `turn ${turn}`)
    }
  })

  it('reads again when half a second is over', async () => {
    await chosenAtFirst('old')
    mock.timers.tick(500)
    assert.equal(await chosen(), 'waits')
    assert.equal(reads.length, 2)
  })

  it('counts the time of what was read ahead from when that began', async () => {
    await chosenAtFirst('old')
    mock.timers.tick(300)
    await chosen()
    mock.timers.tick(25)
    mock.timers.tick(100)
    reads[1]!.resolve('new')
    await reads[1]!.promise
    assert.equal(await chosen(), 'new')
    mock.timers.tick(400)
    assert.equal(await chosen(), 'waits')
  })

  it('does not keep what was read ahead when something is registered meanwhile', async () => {
    await chosenAtFirst('old')
    mock.timers.tick(300)
    await chosen()
    mock.timers.tick(25)
    memory.forget('workspace')
    reads[1]!.resolve('old')
    assert.equal(await chosen(), 'waits')
    reads[2]!.resolve('new')
    assert.equal(await choose(), 'new')
  })

  it('goes by what it knows when it cannot read ahead, until that is too old', async () => {
    await chosenAtFirst('old')
    mock.timers.tick(300)
    await chosen()
    mock.timers.tick(25)
    reads[1]!.reject(new Error('the query was refused'))
    assert.equal(await chosen(), 'old')
    mock.timers.tick(200)
    const last = choose()
    reads[2]!.reject(new Error('the query was refused'))
    await assert.rejects(last, /refused/)
  })
})
