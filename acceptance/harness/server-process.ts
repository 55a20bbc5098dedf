import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually } from '@tramontane/testkit/eventually'

/** A server started as a user starts it: a process of its own, with the PostgreSQL that it manages. */
export interface ServerProcess {
  readonly url: string
  /** The admin key that its first start printed. */
  readonly key: string
  /** Stops the server as a terminal does, and removes its data. */
  stop(): Promise<void>
}

const MAIN = path.resolve(import.meta.dirname, '../../packages/server/src/main.ts')

function printed(output: string, pattern: RegExp): string | undefined {
  return pattern.exec(output)?.[1]
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/**
 * Starts a server on a free port with an empty data directory; what it prints is all that is known of it.
 * @param options.temporalBin where the programs of its workflow engine are
 * @param options.temporalAddress of a workflow engine that is there already; with neither the server has none
 */
export async function startServerProcess(
  providerUrl: string,
  { temporalBin, temporalAddress = 'none' }: { temporalBin?: string; temporalAddress?: string } = {},
): Promise<ServerProcess> {
  const home = await mkdtemp(path.join(tmpdir(), 'tramontane-acceptance-'))
  // Started as root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(home, 0o755)
  const child = spawn(process.execPath, ['--conditions=tramontane-source', MAIN], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      TRAMONTANE_PORT: '0',
      TRAMONTANE_DATA_DIR: path.join(home, 'data'),
      TRAMONTANE_PROVIDER_URL: providerUrl,
      TRAMONTANE_LOG_LEVEL: 'error',
      TRAMONTANE_WORKER_PORT: '0',
      ...(temporalBin
        ? { TRAMONTANE_TEMPORAL_BIN: temporalBin }
        : { TRAMONTANE_TEMPORAL_ADDRESS: temporalAddress }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000)
    })
  }
  const stop = async () => {
    await end(child)
    await rm(home, { recursive: true, force: true })
  }
  try {
    const { url, key } = await eventually(
      () => {
        const url = printed(output, /ready at (http:\S+)/)
        const key = printed(output, /Admin key[^:]*: (\S+)/)
        return url && key ? { url, key } : undefined
      },
      { timeoutMs: 180_000 },
    )
    return { url, key, stop }
  } catch (cause) {
    await stop()
    throw new Error(`the server did not start:\n${output}`, { cause })
  }
}
