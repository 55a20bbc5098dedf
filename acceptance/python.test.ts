import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { preparePython } from './harness/python.ts'
import { scriptedModel } from './harness/scripted-model.ts'
import { startServerProcess } from './harness/server-process.ts'

const run = promisify(execFile)
const FOLDER = path.join(import.meta.dirname, 'python')
const REQUIREMENTS = path.join(FOLDER, 'requirements.txt')

describe('the official Python client', () => {
  it('goes round the whole loop', { timeout: 300_000 }, async (test) => {
    const [wanted] = (await readFile(REQUIREMENTS, 'utf8')).trim().split('\n')
    const prepared = await preparePython({
      atLeast: [3, 9],
      requirements: REQUIREMENTS,
    })
    if ('missing' in prepared) {
      test.skip(`skipped: ${wanted}: ${prepared.missing}`)
      return
    }
    const provider = await startScriptedProvider(scriptedModel)
    try {
      const server = await startServerProcess(provider.url)
      try {
        const script = path.join(FOLDER, 'loop.py')
        const { stdout } = await run(prepared.python, [script, server.url, server.key])
        const passed = JSON.parse(stdout) as string[]
        test.diagnostic(`${wanted}: ${passed.length} calls passed: ${passed.join(', ')}`)
        assert.ok(passed.length >= 50, `${passed.length} different calls`)
      } finally {
        await server.stop()
      }
    } finally {
      await provider.close()
    }
  })
})
