import { executeWorkflow } from '@tramontane/contract/executions'
import { listWorkflows, type WorkflowSummary } from '@tramontane/contract/workflows'
import { type Command, Option } from 'commander'
import type { Answer, ApiClient, Input } from '../api-client.ts'
import { readJsonObject } from '../json-argument.ts'
import { type ListOptions, withListOptions } from '../paged-list.ts'
import { sessionOf } from '../session.ts'
import { watchExecution } from '../watch-execution.ts'
import { watchCommand } from './watch.ts'

const LARGEST_PAGE = 1000

interface WorkflowListOptions extends ListOptions {
  readonly tag?: string[]
  readonly deployment?: string[]
  readonly active?: boolean
  readonly archived?: 'only' | 'too'
}

type Filter = Omit<NonNullable<Input<typeof listWorkflows>['query']>, 'sort_by' | 'limit' | 'cursor'>

/** Reads workflows page after page, by name, until there are enough. */
async function* workflowPages(
  api: ApiClient,
  filter: Filter,
  { limit, all }: ListOptions,
): AsyncGenerator<WorkflowSummary[]> {
  let missing = all ? Number.POSITIVE_INFINITY : limit
  let cursor: string | null = null
  do {
    const page: Answer<typeof listWorkflows> = await api.call(listWorkflows, {
      query: {
        ...filter,
        sort_by: 'display_name',
        limit: Math.min(LARGEST_PAGE, missing),
        cursor: cursor ?? undefined,
      },
    })
    yield page.workflows
    missing -= page.workflows.length
    cursor = page.next_cursor
  } while (cursor !== null && missing > 0)
}

/** The names of the workflows that a worker runs now. */
async function activeNames(api: ApiClient): Promise<Set<string>> {
  const names = new Set<string>()
  for await (const page of workflowPages(api, { deployment_status: 'active' }, { limit: 0, all: true }))
    for (const { name } of page) names.add(name)
  return names
}

interface ExecuteOptions {
  readonly input?: string
  readonly id?: string
  readonly deployment?: string
  readonly watch?: boolean
}

function executingCommands(workflows: Command): void {
  workflows
    .command('execute <workflow>')
    .description('Start an execution of a workflow, by its name or id')
    .option('--input <json>', "a JSON object, '@file.json', or - for standard input")
    .option('--id <execution>', 'the id that it is to have; without it one is made up')
    .option('--deployment <name>', 'where it is to run, if several deployments have it')
    .option('--watch', 'show its timeline to its end; the exit code is 0 if it completes')
    .action(async (workflow: string, options: ExecuteOptions, command: Command) => {
      const session = sessionOf(command)
      const made = await session.api.call(executeWorkflow, {
        params: { workflow_identifier: workflow },
        body: {
          input: await readJsonObject('--input', options.input),
          execution_id: options.id,
          deployment_name: options.deployment,
        },
      })
      const id = made.execution_id
      if (options.watch) {
        session.remark(`Started ${workflow}: ${id}`)
        return watchExecution(session, id, { all: false })
      }
      session.show(made, `Started ${workflow}: ${id}\nTo watch it: ${session.hint(`executions watch ${id}`)}`)
    })

  watchCommand(workflows)
}

/** `tramontane workflows …` */
export function workflowCommands(program: Command): void {
  const workflows = program.command('workflows').description('Workflows: list, execute, watch')
  executingCommands(workflows)

  withListOptions(workflows.command('list [words...]'), 50)
    .description('List workflows by name; words are looked for in names and descriptions')
    .option('--tag <tag...>', 'only those with all of these tags')
    .option('--deployment <name...>', 'only those that one of these deployments has registered')
    .option('--active', 'only those that a worker runs now')
    .addOption(new Option('--archived <which>', 'show archived ones').choices(['only', 'too']))
    .action(async (words: string[], options: WorkflowListOptions, command: Command) => {
      const session = sessionOf(command)
      const filter: Filter = {
        search: words.length > 0 ? words.join(' ') : undefined,
        tags: options.tag,
        deployment_name: options.deployment,
        deployment_status: options.active ? 'active' : undefined,
        archived: options.archived === 'too' ? undefined : options.archived === 'only',
      }
      const active = session.json || options.active ? undefined : await activeNames(session.api)
      await session.listPages(
        workflowPages(session.api, filter, options),
        () => [
          { title: 'NAME', value: ({ name }) => name },
          {
            title: 'SHOWN AS',
            value: ({ name, display_name }) => (display_name === name ? null : display_name),
          },
          { title: 'WORKER', value: ({ name }) => (!active || active.has(name) ? 'yes' : 'no') },
          ...(options.archived ? [archivedColumn] : []),
          { title: 'TAGS', value: ({ tags }) => tags.join(', ') || null },
          { title: 'DESCRIPTION', value: ({ description }) => description, fill: true },
        ],
        'There are no workflows: start a worker, which registers what it runs.',
      )
    })
}

const archivedColumn = {
  title: 'ARCHIVED',
  value: ({ archived }: WorkflowSummary) => (archived ? 'yes' : 'no'),
}
