import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestServer } from './test-server.ts'

/** What a run of the command line left behind. */
export interface CliRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A run under way. */
export interface CliProcess {
  readonly done: Promise<CliRun>
  /** What it has said up to now. */
  output(): Pick<CliRun, 'stdout' | 'stderr'>
  kill(signal: NodeJS.Signals): void
}

interface CliOptions {
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Record<string, string | undefined>
  /** The folder that it is called in; without it, that of the tests. */
  readonly cwd?: string
  /** What it reads from its standard input. */
  readonly input?: string | Buffer
}

/** The command line as a user of a server calls it: each run a process. */
export interface Cli {
  start(args: readonly string[], options?: CliOptions): CliProcess
  run(args: readonly string[], options?: CliOptions): Promise<CliRun>
  /** Runs it, expects success, and gives its standard output. */
  succeed(args: readonly string[], options?: CliOptions): Promise<string>
  /** Runs it with `--json`, expects success, and gives what it says. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely and assert what they find
  json(args: readonly string[], options?: CliOptions): Promise<any>
}

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))

function start(args: readonly string[], { env = {}, cwd, input }: CliOptions): CliProcess {
  const child = spawn(process.execPath, ['--conditions=tramontane-source', main, ...args], {
    env: { ...process.env, ...env },
    cwd,
    stdio: 'pipe',
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return {
    done: new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, ...output }))),
    output: () => ({ ...output }),
    kill: (signal) => child.kill(signal),
  }
}

/** The command line with a test server's address, key and settings in its environment. */
export function cliOf(server: TestServer): Cli {
  const begin: Cli['start'] = (args, options = {}) =>
    start(args, {
      ...options,
      env: {
        TRAMONTANE_URL: server.url,
        TRAMONTANE_API_KEY: server.key,
        TRAMONTANE_DATABASE_URL: server.databaseUrl,
        TRAMONTANE_DATA_DIR: server.dataDir,
        ...options.env,
      },
    })
  const succeed: Cli['succeed'] = async (args, options) => {
    const { exitCode, stdout, stderr } = await begin(args, options).done
    assert.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`)
    return stdout
  }
  return {
    start: begin,
    run: (args, options) => begin(args, options).done,
    succeed,
    json: async (args, options) => JSON.parse(await succeed([...args, '--json'], options)),
  }
}
