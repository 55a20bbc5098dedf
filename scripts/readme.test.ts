import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer } from '@tramontane/testkit/test-server'
import type { Command } from 'commander'
import { createProgram } from '../packages/cli/src/program.ts'

const root = path.resolve(import.meta.dirname, '..')

/** The fenced blocks of a language in a page. */
async function blocks(language: string, page = 'README.md'): Promise<string[]> {
  const text = await readFile(path.join(root, page), 'utf8')
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1]!)
}

/** The command lines of `tramontane` in a page, as the words behind it. */
async function commandLines(page: string): Promise<string[][]> {
  const lines = (await blocks('sh', page)).join('').split('\n')
  return lines.flatMap((line) => {
    const [, given] = /^(?:npm run )?tramontane (?:-- )?([^#]*)/.exec(line) ?? []
    return given ? [[...given.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]!)] : []
  })
}

/** Takes the words that a command takes, and does nothing. */
function harmless(command: Command): Command {
  command.configureOutput({ writeErr: () => {} })
  if (command.commands.length === 0) command.action(() => {})
  command.commands.forEach(harmless)
  return command
}

describe('the pages', () => {
  for (const page of ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })]) {
    it(`${page} shows command lines that the command line takes`, async () => {
      for (const words of await commandLines(page))
        await assert.doesNotReject(
          harmless(createProgram()).parseAsync(words, { from: 'user' }),
          `tramontane ${words.join(' ')}`,
        )
    })
  }
})

describe('the README', () => {
  it('shows a loop in TypeScript that runs as it stands', async () => {
    const provider = await startScriptedProvider(({ body }) =>
      body.response_format
        ? JSON.stringify({ analysis: 'Scripted.', answer: 'unhelpful' })
        : 'Ask somebody else.',
    )
    const server = await startTestServer({ providerUrl: provider.url })
    // Inside the repository, so that the client is found; in a folder that git ignores.
    const folder = path.join(root, '.tramontane', `.readme-${process.pid}`)
    await mkdir(folder, { recursive: true })
    try {
      const [loop] = await blocks('ts')
      const file = path.join(folder, 'loop.ts')
      await writeFile(
        file,
        loop!.replace('http://127.0.0.1:7444', server.url).replace('@mistralai/mistralai', 'mistralai-2.6.4'),
      )
      const { stdout } = await promisify(execFile)(process.execPath, [file], {
        env: { ...process.env, TRAMONTANE_API_KEY: server.key },
        timeout: 60_000,
      })
      assert.match(stdout, /^1 events$/m)
      assert.match(stdout, /^unhelpful Scripted\.$/m)
      assert.match(stdout, /^campaign COMPLETED$/m)
      assert.match(stdout, /^1 unhelpful answers$/m)
      const exported = JSON.parse(stdout.trim().split('\n').at(-1)!)
      assert.equal(exported.messages[0].content, 'How do I return my order?')
    } finally {
      await rm(folder, { recursive: true, force: true })
      await server.close()
      await provider.close()
    }
  })
})
