import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../../..')

/** What the shorter blocks of the page take for granted. */
const PREAMBLE = [
  "import { activities, condition, executeChild, remoteWorkflow } from '@tramontane/worker/workflow'",
  "import { sleep, startChild, task, waitForInput, workflow } from '@tramontane/worker/workflow'",
  "import { z } from 'zod'",
  "import { helloWorld } from './workflows.ts'",
  "import { order } from './order.ts'",
  'declare const model: AsyncIterable<string>',
  'declare function buy(): Promise<void>',
  'declare const text: string',
  '',
].join('\n')

describe('docs/writing-workflows.md', () => {
  it('shows code that the compiler takes', async (test) => {
    const page = await readFile(path.join(root, 'docs/writing-workflows.md'), 'utf8')
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text!)
    assert.ok(blocks.length >= 8)
    const folder = path.join(root, '.tramontane', `.writing-workflows-${process.pid}`)
    await mkdir(folder, { recursive: true })
    test.after(() => rm(folder, { recursive: true, force: true }))
    for (const [index, text] of blocks.entries()) {
      const name =
        /^\/\/ (\S+\.ts)$/m.exec(text)?.[1] ?? (text.includes("name: 'order'") ? 'order.ts' : undefined)
      const isWhole = /^import |^export async function/m.test(text)
      const preamble = name === 'order.ts' ? PREAMBLE.replace(/import \{ order.*\n/, '') : PREAMBLE
      await writeFile(path.join(folder, name ?? `block-${index}.ts`), isWhole ? text : preamble + text)
    }
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, allowUnusedLabels: true },
      include: ['*.ts'],
    }
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = await run(process.execPath, [tsc, '--noEmit', '--project', folder]).catch(
      (error: { stdout: string }) => error,
    )
    assert.equal(stdout, '')
  })
})
