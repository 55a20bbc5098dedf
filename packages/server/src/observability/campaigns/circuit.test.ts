import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Circuit, OutageError } from './circuit.ts'

const settings = { trip: 3, firstPauseMs: 20, maxPauseMs: 40, giveUpMs: 1_000 }
const never = new AbortController().signal

function fail(circuit: Circuit, events: number[]) {
  for (const event of events) circuit.failed(event, 'down')
}

describe('the circuit of a campaign', () => {
  it('stays closed while one event alone fails, however often', async () => {
    const circuit = new Circuit(settings)
    fail(circuit, [1, 1, 1, 1, 1, 2])
    assert.equal(circuit.open, false)
    await circuit.enter(never)
  })

  it('lets one call alone find out whether the provider is back', async () => {
    const circuit = new Circuit(settings)
    fail(circuit, [1, 2, 3])
    assert.equal(circuit.open, true)
    let entered = 0
    const all = Array.from({ length: 5 }, () => circuit.enter(never).then(() => entered++))
    await Promise.any(all)
    await delay(30)
    assert.equal(entered, 1)
    circuit.failed(4, 'down')
    await delay(60)
    assert.equal(entered, 2)
    circuit.succeeded()
    await Promise.all(all)
    assert.equal(entered, 5)
  })

  it('lets the next one try when the one that tried is given up', async () => {
    const circuit = new Circuit(settings)
    fail(circuit, [1, 2, 3])
    await circuit.enter(never)
    const next = circuit.enter(never)
    circuit.left()
    await next
  })

  it('waits as long as the provider asks for', async () => {
    const circuit = new Circuit(settings)
    circuit.failed(1, 'slow down', 0.1)
    const started = performance.now()
    await circuit.enter(never)
    assert.ok(performance.now() - started >= 95)
  })

  it('gives up when nothing has succeeded for too long, and not before', () => {
    let now = 0
    const circuit = new Circuit(settings, () => now)
    circuit.failed(1, 'down')
    now = 900
    circuit.succeeded()
    circuit.failed(1, 'down')
    now = 1_800
    circuit.failed(1, 'down')
    now = 1_900
    assert.throws(
      () => circuit.failed(2, 'ECONNREFUSED'),
      (error) => error instanceof OutageError && /ECONNREFUSED/.test(error.message),
    )
  })

  it('lets nobody wait who has to leave', async () => {
    const circuit = new Circuit(settings)
    fail(circuit, [1, 2, 3])
    await circuit.enter(never)
    const controller = new AbortController()
    const waiting = circuit.enter(controller.signal)
    controller.abort(new Error('leave'))
    await assert.rejects(waiting, /leave/)
  })
})
