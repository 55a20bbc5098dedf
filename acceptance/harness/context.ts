import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ScriptedProvider } from '@tramontane/testkit/scripted-provider'
import type { Mistral as Mistral264 } from 'mistralai-2.6.4'
import type { Mistral as Mistral270 } from 'mistralai-2.7.0'
import type { Coverage } from './coverage.ts'
import type { ServerProcess } from './server-process.ts'

/** A client of either version; what only 2.6.4 has is tried with that type alone. */
export type AnyClient = Mistral264 | Mistral270

/** What the tests of a resource are given. The parts are there once the tests run, not before. */
export interface Context<Client> {
  readonly client: () => Client
  readonly server: () => ServerProcess
  readonly provider: () => ScriptedProvider
  /** Unique to the run of one version: goes into names and metadata, so that versions do not see each other's things. */
  readonly mark: string
  /** A test whose operations count as covered when it passes. */
  readonly test: (name: string, body: () => Promise<void>) => void
}

export function testsOf(coverage: Coverage): (name: string, body: () => Promise<void>) => void {
  return (name, body) => {
    it(name, () => coverage.during(body))
  }
}

/** Asserts that a call is refused with a status and an error code of the observability API. */
export async function refuses(call: Promise<unknown>, statusCode: number, code: string): Promise<void> {
  await assert.rejects(call, (error: { statusCode?: number; body?: string }) => {
    assert.equal(error.statusCode, statusCode, String(error))
    assert.equal(JSON.parse(error.body ?? '{}').detail?.error_code, code)
    return true
  })
}

/** Asserts that a call is refused with a status and an error code of the workflows API. */
export async function refusesWorkflow(
  call: Promise<unknown>,
  statusCode: number,
  code: string,
): Promise<void> {
  await assert.rejects(call, (error: { statusCode?: number; body?: string }) => {
    assert.equal(error.statusCode, statusCode, String(error))
    assert.equal(JSON.parse(error.body ?? '{}').code, code)
    return true
  })
}
