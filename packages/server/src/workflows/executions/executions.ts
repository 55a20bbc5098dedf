import { setTimeout as pause } from 'node:timers/promises'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import type { FastifyInstance } from 'fastify'
import { SchemaChecker } from '../../platform/json-schema/schema-checker.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Cron } from '../../platform/tasks/work-queue.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'
import { EventCompletion, type EventNeeds } from './event-completion.ts'
import { ExecuteService } from './execute-service.ts'
import { ExecutionCalls } from './execution-calls.ts'
import { checkInput, type Input } from './execution-input.ts'
import { executionRoutes } from './execution-routes.ts'
import { ExecutionService } from './execution-service.ts'
import { RecentInputs } from './recent-inputs.ts'
import { ResetService } from './reset-service.ts'
import { RunBeginnings } from './run-beginnings.ts'
import { RunChain } from './run-chain.ts'
import { RunCountStore } from './run-count-store.ts'
import { RunFollower } from './run-follower.ts'
import { RunKeeper } from './run-keeper.ts'
import { RunListService } from './run-list-service.ts'
import { RunListStore } from './run-list-store.ts'
import { RunLookup } from './run-lookup.ts'
import { RunReader } from './run-reader.ts'
import { RunRegistrationService } from './run-registration-service.ts'
import { runRoutes } from './run-routes.ts'
import { RunService } from './run-service.ts'
import { RunStore } from './run-store.ts'
import { RunSweep } from './run-sweep.ts'
import { RunWriteStore } from './run-write-store.ts'
import { RunnableMemory } from './runnable-memory.ts'
import { SearchKeyStore } from './search-key-store.ts'
import { StartedRuns } from './started-runs.ts'
import { StatusCountStore } from './status-count-store.ts'
import { SweepStore } from './sweep-store.ts'
import { TaskTrouble } from './task-trouble.ts'

const DAY_MS = 24 * 3600 * 1000
const DELETE_BATCH = 1_000

/** Executions of workflows and their runs. */
export interface Executions {
  readonly reader: RunReader
  routes(app: FastifyInstance): void
  /** That a run has begun, if no worker has told it; see `RunBeginnings.tell`. */
  tellBeginning: RunBeginnings['tell']
  /** Is to be told of events when they are stored; see `RunFollower.onEvents`. */
  onEvents(workspaceId: string, events: readonly WorkflowEvent[]): void
  /** Is to be told of a workspace in which runs may come about without our doing: its workers reach Temporal. */
  follow(workspaceId: string): Promise<void>
  /**
   * Checks an input that is to start a workflow against the schema that the workflow declares.
   * @throws ApiError WORKFLOW_INPUT_INVALID
   */
  checkInput(schema: unknown, input: Input): Promise<void>
  readonly cron: Cron
  /** Is to be told when something new is registered in a workspace. */
  onRegistered(workspaceId: string): void
  /** Begins to follow runs. */
  start(): void
  /** The server is stopping: nobody is kept waiting for a result. */
  leaveOff(): void
  stop(): Promise<void>
}

/**
 * @param needs.registrations what is known of workflows
 * @param needs.events where events are stored and looked for
 */
export function createExecutions(
  platform: Pick<Platform, 'config' | 'connection' | 'temporal' | 'logger'>,
  needs: { registrations: RegistrationReader; events: EventNeeds },
): Executions {
  const { temporal, logger } = platform
  const { database } = platform.connection
  const { registrations } = needs
  const store = new RunStore(database)
  const writes = new RunWriteStore(database)
  const sweeps = new SweepStore(database)
  const schemas = new SchemaChecker()
  const runnables = new RunnableMemory(registrations)
  const keeper = new RunKeeper(temporal, writes, runnables, () => follower.wake())
  const follow = (workspaceId: string) => follower.follow(workspaceId)
  const chain = new RunChain(temporal, writes, keeper)
  const started = new StartedRuns(writes, logger)
  const lookup = new RunLookup({ temporal, store, keeper, chain, started, follow })
  const calls = new ExecutionCalls(temporal, lookup, store)
  const inputs = new RecentInputs()
  const completion = new EventCompletion({
    temporal,
    runs: store,
    watches: writes,
    events: needs.events,
    inputs,
    chain,
  })
  const beginnings = new RunBeginnings({ temporal, runs: store, keeper, completion })
  const trouble = new TaskTrouble(store, needs.events)
  const sweep = new RunSweep({ temporal, sweeps, runs: writes, keeper, trouble, logger })
  const follower = new RunFollower({ temporal, sweeps, watches: writes, sweep, keeper, completion, logger })
  const starts = new ExecuteService({
    temporal,
    registrations: runnables,
    started,
    inputs,
    keeper,
    follower,
    schemas,
    logger,
  })
  const executions = new ExecutionService({
    temporal,
    registrations: runnables,
    lookup,
    keeper,
    follower,
    calls,
    schemas,
    logger,
  })
  const resets = new ResetService({ calls, lookup, store, keeper, completion, logger })
  const deleteOld = async (signal: AbortSignal) => {
    const { retentionDays } = platform.config
    if (retentionDays === null) return
    const before = new Date(Date.now() - retentionDays * DAY_MS)
    for (const workspaceId of await sweeps.workspaces())
      while (
        !signal.aborted &&
        (await writes.deleteEndedBefore(workspaceId, before, DELETE_BATCH)) >= DELETE_BATCH
      )
        await pause(20)
  }
  return {
    cron: { 'delete-old-runs': { pattern: '37 * * * *', run: deleteOld } },
    reader: new RunReader(lookup, store, writes, new RunCountStore(database)),
    routes: (app) => {
      executionRoutes(app, { starts, executions, resets })
      const lists = new RunListStore(database)
      runRoutes(app, {
        lists: new RunListService({
          lists,
          counts: new StatusCountStore(database, lists),
          runs: store,
          registrations,
          started,
          follow,
        }),
        runs: new RunService(lookup, store, executions, registrations),
        registrations: new RunRegistrationService({
          runs: store,
          writes,
          keys: new SearchKeyStore(database),
          logger,
        }),
      })
    },
    tellBeginning: async (workspaceId, run, taskId) =>
      platform.config.temporal.kind === 'none' ? undefined : beginnings.tell(workspaceId, run, taskId),
    onEvents: (workspaceId, events) => follower.onEvents(workspaceId, events),
    checkInput: (schema, input) => checkInput(schemas, schema, input),
    follow,
    start: () => follower.start(),
    onRegistered: (workspaceId) => runnables.forget(workspaceId),
    leaveOff: () => starts.leaveOff(),
    stop: async () => {
      await Promise.all([follower.stop(), started.stop()])
      schemas.stop()
    },
  }
}
