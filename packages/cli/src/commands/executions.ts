import {
  cancelExecutions,
  type ExecutionStatus,
  executionStatus,
  getExecution,
  getExecutionHistory,
  queryExecution,
  resetExecution,
  signalExecution,
  terminateExecutions,
  updateExecution,
} from '@tramontane/contract/executions'
import { listRuns } from '@tramontane/contract/runs'
import { type Command, Option } from 'commander'
import type { Answer, ApiClient } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { executionText } from '../execution-text.ts'
import { readJsonObject } from '../json-argument.ts'
import { countArgument, type ListOptions, withListOptions } from '../paged-list.ts'
import { runDetails, troubleOf } from '../run-trouble.ts'
import { type Session, sessionOf } from '../session.ts'
import { oneLine, printable } from '../terminal-text.ts'
import { duration } from '../timeline.ts'
import { watchCommand } from './watch.ts'

const LARGEST_PAGE = 1_000
const LARGEST_BATCH = 100

interface RunListOptions extends ListOptions {
  readonly workflow?: string
  readonly status?: ExecutionStatus[]
  readonly root?: string
  readonly search?: string
}

type Run = Answer<typeof listRuns>['runs'][number]

async function* runPages(api: ApiClient, options: RunListOptions): AsyncGenerator<Run[]> {
  let missing = options.all ? Number.POSITIVE_INFINITY : options.limit
  let token: string | null = null
  do {
    const page: Answer<typeof listRuns> = await api.call(listRuns, {
      query: {
        workflow_identifier: options.workflow,
        status: options.status,
        root_execution_id: options.root,
        search: options.search,
        page_size: Math.min(LARGEST_PAGE, missing),
        next_page_token: token ?? undefined,
      },
    })
    yield page.runs
    missing -= page.runs.length
    token = page.next_page_token
  } while (token !== null && missing > 0)
}

function took({ total_duration_ms: total, start_time: start }: Run): string {
  return duration(total ?? Date.now() - Date.parse(start))
}

function readingCommands(executions: Command): void {
  withListOptions(executions.command('list'), 50)
    .description('List runs, newest first')
    .option('--workflow <name>', 'only of this workflow (name or id)')
    .addOption(
      new Option('--status <status...>', 'only those that stand so').choices(executionStatus.options),
    )
    .option('--root <execution>', 'only this execution and what descends from it')
    .option('--search <text>', 'part of a name or of an id')
    .action(async (options: RunListOptions, command: Command) => {
      const session = sessionOf(command)
      await session.listPages(
        runPages(session.api, options),
        () => [
          {
            title: 'STARTED',
            value: ({ start_time }) => start_time.slice(0, 19).replace('T', ' '),
            spare: 1,
          },
          { title: 'STATUS', value: ({ status }) => status },
          { title: 'TOOK', value: took, align: 'right', spare: 2 },
          { title: 'WORKFLOW', value: ({ workflow_name }) => workflow_name, fill: true },
          { title: 'EXECUTION', value: ({ execution_id }) => execution_id },
        ],
        'There are no executions.',
      )
    })

  executions
    .command('get <execution>')
    .description('Show how an execution stands, what it waits for, and what it gave back or why it failed')
    .action(async (execution_id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const { api } = session
      const found = await api.call(getExecution, { params: { execution_id } })
      const details = await runDetails(api, found.run_id)
      if (!details) session.remark('The workflow engine is away, and so is what it knows of pending work.')
      const trouble = details && (await troubleOf(session, details))
      const unknown = { message: null, schedule_id: null, otel_trace_id: null }
      const { run, state } = details ?? { run: { ...found, ...unknown }, state: null }
      session.show({ ...found, message: run.message, state }, () => executionText({ run, state }, trouble))
    })

  executions
    .command('history <execution>')
    .description(
      "Show the history of an execution's newest run; an id of WORKFLOW_TASK_COMPLETED is for reset",
    )
    .action(async (execution_id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const history = await session.api.call(getExecutionHistory, {
        params: { execution_id },
        query: { decode_payloads: true },
      })
      if (session.json) return session.show(history, '')
      const events = history.events as { eventId: string; eventTime: string; eventType: string }[]
      session.list(
        events,
        [
          { title: 'ID', value: ({ eventId }) => eventId, align: 'right' },
          { title: 'TIME', value: ({ eventTime }) => eventTime },
          { title: 'EVENT', value: ({ eventType }) => eventType.replace(/^EVENT_TYPE_/, '') },
        ],
        'The history is empty.',
      )
    })
}

function withInput(command: Command): Command {
  return command.option('--input <json>', "a JSON object, '@file.json', or - for standard input")
}

function handlerCommands(executions: Command): void {
  withInput(executions.command('signal <execution> <name>'))
    .description('Send a signal')
    .action(async (execution_id: string, name: string, options: { input?: string }, command: Command) => {
      const session = sessionOf(command)
      const input = await readJsonObject('--input', options.input)
      const answer = await session.api.call(signalExecution, {
        params: { execution_id },
        body: { name, input },
      })
      session.show(answer, answer.message)
    })

  withInput(executions.command('query <execution> <name>'))
    .description('Ask an execution for something, and show the answer')
    .action(async (execution_id: string, name: string, options: { input?: string }, command: Command) => {
      const session = sessionOf(command)
      const input = await readJsonObject('--input', options.input)
      const answer = await session.api.call(queryExecution, {
        params: { execution_id },
        body: { name, input },
      })
      session.show(answer, () => printable(JSON.stringify(answer.result ?? null, null, 2)))
    })

  withInput(executions.command('update <execution> <name>'))
    .description('Change something of an execution, and show what that gave back')
    .action(async (execution_id: string, name: string, options: { input?: string }, command: Command) => {
      const session = sessionOf(command)
      const input = await readJsonObject('--input', options.input)
      const answer = await session.api.call(updateExecution, {
        params: { execution_id },
        body: { name, input },
      })
      session.show(answer, () => printable(JSON.stringify(answer.result ?? null, null, 2)))
    })
}

/** Ends many executions, a hundred at a time; fails if one of them could not be ended, after all have been tried. */
async function endAll(
  session: Session,
  operation: typeof cancelExecutions | typeof terminateExecutions,
  ids: readonly string[],
  done: string,
): Promise<void> {
  const results: Answer<typeof operation>['results'] = {}
  for (let from = 0; from < ids.length; from += LARGEST_BATCH) {
    const body = { execution_ids: ids.slice(from, from + LARGEST_BATCH) }
    Object.assign(results, (await session.api.call(operation, { body })).results)
  }
  session.show(results, () =>
    Object.entries(results)
      .map(([id, { error }]) => `${oneLine(id)}  ${error === null ? done : oneLine(error)}`)
      .join('\n'),
  )
  const failed = Object.values(results).filter(({ status }) => status === 'failure').length
  if (failed > 0) throw new CliError(`${failed} of ${ids.length} could not be ended`)
}

function endingCommands(executions: Command): void {
  executions
    .command('cancel <executions...>')
    .description('Ask executions to end; their workers decide when')
    .action((ids: string[], _options, command: Command) =>
      endAll(sessionOf(command), cancelExecutions, ids, 'asked to end'),
    )

  executions
    .command('terminate <executions...>')
    .description('End executions at once, whatever their workers do')
    .action((ids: string[], _options, command: Command) =>
      endAll(sessionOf(command), terminateExecutions, ids, 'terminated'),
    )

  executions
    .command('reset <execution>')
    .description('Go back to a WORKFLOW_TASK_COMPLETED of the history, and on from there in a new run')
    .requiredOption(
      '--event <id>',
      'the id of the event, of those that `executions history` shows',
      countArgument,
    )
    .option('--reason <text>', 'why')
    .option('--exclude-signals', 'forget the signals that came later')
    .option('--exclude-updates', 'forget the updates that came later')
    .action(
      async (
        execution_id: string,
        options: { event: number; reason?: string; excludeSignals?: boolean; excludeUpdates?: boolean },
        command: Command,
      ) => {
        const session = sessionOf(command)
        await session.api.call(resetExecution, {
          params: { execution_id },
          body: {
            event_id: options.event,
            reason: options.reason,
            exclude_signals: options.excludeSignals,
            exclude_updates: options.excludeUpdates,
          },
        })
        session.show(
          { reset: execution_id },
          `The execution ${execution_id} goes on from event ${options.event}.`,
        )
      },
    )
}

/** `tramontane executions …` */
export function executionCommands(program: Command): void {
  const executions = program
    .command('executions')
    .description('Executions of workflows: list, look into, watch, steer, end')
  readingCommands(executions)
  watchCommand(executions)
  handlerCommands(executions)
  endingCommands(executions)
}
