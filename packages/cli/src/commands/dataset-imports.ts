import { existsSync } from 'node:fs'
import {
  getDatasetTask,
  importFromCampaign,
  importFromDataset,
  importFromExplorer,
  importFromFile,
  importFromPlayground,
} from '@tramontane/contract/datasets'
import { searchEventIds } from '@tramontane/contract/events'
import { commandName } from '@tramontane/server/platform/command-name'
import type { Command } from 'commander'
import type { Answer, ApiClient } from '../api-client.ts'
import { CliError, usageError } from '../cli-error.ts'
import { readFilter } from '../filter-argument.ts'
import { follow } from '../follow.ts'
import { countArgument } from '../paged-list.ts'
import { type Session, sessionOf } from '../session.ts'
import { oneLine } from '../terminal-text.ts'
import { upload } from './files.ts'

type Task = Answer<typeof getDatasetTask>

/** Watches an import to its end; one that does not complete has left nothing in the dataset. */
async function watch(session: Session, { id: task_id, dataset_id }: Task): Promise<void> {
  const task = await follow(
    session.api,
    'importing',
    async () => {
      const value = await session.api.call(getDatasetTask, { params: { dataset_id, task_id } })
      return {
        value,
        isRunning: value.status === 'RUNNING',
        done: value.progress ?? 0,
        total: 100,
        note: oneLine(value.message ?? ''),
      }
    },
    `The import goes on. To see how far it is: ${session.hint(`datasets tasks ${dataset_id}`)}`,
  )
  const message = task.message ? `: ${oneLine(task.message)}` : ''
  session.show(task, `${task.status}${message}`)
  if (task.status !== 'COMPLETED') throw new CliError(`the import ended as ${task.status}${message}`)
}

async function eventIds(api: ApiClient, ids: string[], { filter, max }: { filter?: string; max: number }) {
  if (ids.length > 0 === (filter !== undefined))
    throw usageError('give either the ids of events, or --filter')
  if (filter === undefined) return ids
  const filters = await readFilter(api, filter)
  const found = await api.call(searchEventIds, { body: { search_params: { filters } } })
  if (found.completion_event_ids.length === 0) throw new CliError('no event matches the filter')
  return found.completion_event_ids.slice(0, max)
}

/** `tramontane datasets import …` */
export function datasetImportCommands(datasets: Command): void {
  const imports = datasets
    .command('import')
    .description('Import conversations into a dataset, all or none, and watch')
  const importing = (
    usage: string,
    description: string,
    start: (session: Session, dataset: string, source: string[], options: object) => Promise<Task>,
  ) =>
    imports
      .command(usage)
      .description(description)
      .action(async (dataset: string, source: string | string[], options: object, command: Command) => {
        const session = sessionOf(command)
        await watch(session, await start(session, dataset, [source].flat(), options))
      })

  importing('from-campaign <dataset> <campaign>', 'what a campaign has judged', ({ api }, dataset_id, [id]) =>
    api.call(importFromCampaign, { params: { dataset_id }, body: { campaign_id: id! } }),
  )

  importing(
    'from-explorer <dataset> [event...]',
    'up to 500 events, by their ids or by a filter',
    async ({ api }, dataset_id, ids, options) => {
      const completion_event_ids = await eventIds(api, ids, options as { filter?: string; max: number })
      return api.call(importFromExplorer, { params: { dataset_id }, body: { completion_event_ids } })
    },
  )
    .option('--filter <filter>', `the newest events that match (see ${commandName} events search --help)`)
    .option('--max <count>', 'how many of them', countArgument, 500)

  importing(
    'from-file <dataset> <file>',
    'a JSONL file of this machine, or an uploaded one by its id: an object with `messages`, and maybe `properties`, a line',
    async ({ api }, dataset_id, [file]) => {
      const file_id = existsSync(file!) ? (await upload(api, file!, 'evaluation')).id : file!
      return api.call(importFromFile, { params: { dataset_id }, body: { file_id } })
    },
  )

  importing('from-playground <dataset> <conversation...>', 'conversations', ({ api }, dataset_id, ids) =>
    api.call(importFromPlayground, { params: { dataset_id }, body: { conversation_ids: ids } }),
  )

  importing('from-dataset <dataset> <record...>', 'records of other datasets', ({ api }, dataset_id, ids) =>
    api.call(importFromDataset, { params: { dataset_id }, body: { dataset_record_ids: ids } }),
  )
}
