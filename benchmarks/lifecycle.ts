import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@tramontane/testkit/free-port'
import { atMost, median, type Row, shown } from './row.ts'
import { startFlags } from './start-flags.ts'

const STARTS = 5
const MAIN = path.resolve(import.meta.dirname, '../packages/server/src/main.ts')

/** How long a start takes until the server is ready, and what an idle server with its PostgreSQL keeps in memory. */
export async function benchLifecycle(): Promise<Row[]> {
  const home = await mkdtemp(path.join(tmpdir(), 'tramontane-bench-lifecycle-'))
  await chmod(home, 0o755)
  const env = {
    ...process.env,
    TRAMONTANE_DATA_DIR: path.join(home, 'data'),
    // As it is without any setting, but for the engine's programs, which are built already.
    TRAMONTANE_TEMPORAL_ADDRESS: '',
    TRAMONTANE_WORKER_PORT: String(await freePort()),
    TRAMONTANE_PORT: String(await freePort()),
    TRAMONTANE_LOG_LEVEL: 'warn',
    NODE_COMPILE_CACHE: path.join(home, 'compile-cache'),
  }
  try {
    const first = await timedStart(env)
    await stop(first.server)
    const times: number[] = []
    let megabytes = { own: 0, engine: 0 }
    for (let round = 0; round < STARTS; round++) {
      const { server, seconds } = await timedStart(env)
      times.push(seconds)
      if (round === STARTS - 1) {
        // Long enough for what the start allocated to be given back, and for periodic work to have run.
        await delay(10_000)
        megabytes = await memoryOf(server.pid!, path.join(home, 'data', 'postgres', 'data'))
      }
      await stop(server)
    }
    return [
      shown(
        'first start until ready',
        's',
        first.seconds,
        'makes the database; the set-up of Node and npm not counted',
      ),
      atMost(
        'start until ready',
        's',
        median(times),
        3,
        `median of ${STARTS} starts on an existing database`,
      ),
      atMost(
        'idle memory with PostgreSQL',
        'MB',
        megabytes.own,
        250,
        `Node and PostgreSQL; beside them the workflow engine has ${megabytes.engine} MB; shared pages counted once (PSS) where the system tells`,
      ),
    ]
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function timedStart(env: NodeJS.ProcessEnv): Promise<{ server: ChildProcess; seconds: number }> {
  const begun = performance.now()
  const server = spawn(process.execPath, ['--conditions=tramontane-source', ...startFlags, MAIN], {
    env,
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${env.TRAMONTANE_PORT}/readyz`
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (server.exitCode !== null) throw new Error('the server ended while it was started')
    await delay(5)
  }
  return { server, seconds: (performance.now() - begun) / 1_000 }
}

async function stop(server: ChildProcess): Promise<void> {
  server.kill('SIGTERM')
  if (server.exitCode === null) await once(server, 'exit')
}

/** What the server and its PostgreSQL occupy, in MB, and beside them the workflow engine. */
async function memoryOf(server: number, data: string): Promise<{ own: number; engine: number }> {
  const postmaster = Number((await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n')[0])
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,rss=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, rss, command]) => ({
      pid: Number(pid),
      parent: Number(parent),
      rss: Number(rss),
      isEngine: /temporal/.test(command ?? ''),
    }))
  const ours = rows.filter(
    ({ pid, parent }) => [server, postmaster].includes(pid) || [server, postmaster].includes(parent),
  )
  const kilobytes = { own: 0, engine: 0 }
  for (const { pid, rss, isEngine } of ours)
    kilobytes[isEngine ? 'engine' : 'own'] += (await proportionalKilobytes(pid)) ?? rss
  return { own: Math.round(kilobytes.own / 1024), engine: Math.round(kilobytes.engine / 1024) }
}

/** Memory of a process in which pages shared by n processes count 1/n; undefined where the system does not tell. */
async function proportionalKilobytes(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const found = /^Pss:\s+(\d+) kB/m.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}
