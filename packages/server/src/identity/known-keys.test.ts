import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import type { Caller } from '../platform/http/auth.ts'
import { hashKey, KnownKeys } from './known-keys.ts'

const caller: Caller = { workspaceId: 'workspace', keyId: 'key', role: 'member' }
const hash = hashKey('secret')

// When the database is asked: no route shows it.
describe('the memory of keys', () => {
  let asked: PromiseWithResolvers<Caller | undefined>[]
  let keys: KnownKeys
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date', 'setTimeout'] })
    asked = []
    keys = new KnownKeys(() => {
      const answer = Promise.withResolvers<Caller | undefined>()
      asked.push(answer)
      return answer.promise
    })
  })
  afterEach(() => mock.timers.reset())

  /** What becomes of it without the database answering anything more. */
  const found = (): Promise<Caller | undefined | 'waits'> =>
    Promise.race([keys.find(hash), new Promise<'waits'>((resolve) => setImmediate(resolve, 'waits'))])
  const foundAtFirst = async () => {
    const first = keys.find(hash)
    asked[0]!.resolve(caller)
    assert.equal(await first, caller)
  }

  it('has whoever calls often never wait', async () => {
    await foundAtFirst()
    for (let turn = 1; turn <= 5; turn++) {
      mock.timers.tick(300)
      assert.equal(await found(), caller)
      assert.equal(await found(), caller)
      assert.equal(asked.length, turn, 'not before the call has its answer')
      mock.timers.tick(25)
      assert.equal(asked.length, turn + 1, 'once for all calls')
      asked.at(-1)!.resolve(caller)
      assert.equal(await found(), caller)
    }
  })

  it('asks again when half a second is over', async () => {
    await foundAtFirst()
    mock.timers.tick(500)
    assert.equal(await found(), 'waits')
    assert.equal(asked.length, 2)
  })

  it('does not take what was asked ahead for news when the key is revoked meanwhile', async () => {
    await foundAtFirst()
    mock.timers.tick(300)
    assert.equal(await found(), caller)
    mock.timers.tick(25)
    keys.forget(caller.keyId)
    asked[1]!.resolve(caller)
    assert.equal(await found(), 'waits')
    asked[2]!.resolve(undefined)
    assert.equal(await keys.find(hash), undefined)
  })

  it('goes by what it knows when it cannot ask ahead, until that is too old', async () => {
    await foundAtFirst()
    mock.timers.tick(300)
    assert.equal(await found(), caller)
    mock.timers.tick(25)
    asked[1]!.reject(new Error('the query was refused'))
    assert.equal(await found(), caller)
    mock.timers.tick(200)
    const last = keys.find(hash)
    asked[2]!.reject(new Error('the query was refused'))
    await assert.rejects(last, /refused/)
  })
})
