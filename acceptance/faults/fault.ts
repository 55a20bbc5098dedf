import { setTimeout as delay } from 'node:timers/promises'
import type { Installation } from './installation.ts'

/** What is done to the installation while it works. It comes back by itself. */
export interface Fault {
  readonly name: string
  /** Whether the server process dies of it; if not, it must go on answering. */
  readonly endsServer: boolean
  strike(installation: Installation): Promise<void>
}

const FREEZE_MS = 3_000

/** For what needs no workflows. */
export const faults: readonly Fault[] = [
  {
    name: 'SIGKILL of the server',
    endsServer: true,
    strike: async (installation) => installation.killServer(),
  },
  {
    name: 'SIGKILL of PostgreSQL',
    endsServer: false,
    strike: async (installation) => installation.killPostgres(),
  },
  {
    name: 'SIGKILL of both',
    endsServer: true,
    strike: async (installation) => {
      installation.killServer()
      installation.killPostgres()
    },
  },
  {
    name: `PostgreSQL stopped for ${FREEZE_MS / 1_000} s`,
    endsServer: false,
    strike: async (installation) => {
      const goOn = installation.freezePostgres()
      await delay(FREEZE_MS)
      goOn()
    },
  },
]

/** For workflows. */
export const workflowFaults: readonly Fault[] = [
  {
    name: 'SIGKILL of the worker',
    endsServer: false,
    strike: async (installation) => installation.killWorker(),
  },
  {
    name: 'SIGKILL of the server',
    endsServer: true,
    strike: async (installation) => installation.killServer(),
  },
  {
    name: 'SIGKILL of Temporal',
    endsServer: false,
    strike: async (installation) => installation.killTemporal(),
  },
  {
    name: 'SIGKILL of PostgreSQL',
    endsServer: false,
    strike: async (installation) => installation.killPostgres(),
  },
  {
    name: 'SIGKILL of all four',
    endsServer: true,
    strike: async (installation) => {
      installation.killWorker()
      installation.killServer()
      installation.killTemporal()
      installation.killPostgres()
    },
  },
]
