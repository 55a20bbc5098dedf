import {
  createDataset,
  deleteDataset,
  exportDataset,
  listDatasetRecords,
  listDatasets,
  listDatasetTasks,
} from '@tramontane/contract/datasets'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { collect, type ListOptions, withListOptions } from '../paged-list.ts'
import { sessionOf } from '../session.ts'
import { datasetImportCommands } from './dataset-imports.ts'
import { save } from './files.ts'

function lastText(messages: readonly Record<string, unknown>[], role: string): string | undefined {
  const content = messages.findLast((message) => message.role === role)?.content
  return typeof content === 'string' ? content : JSON.stringify(content)
}

function readingCommands(datasets: Command): void {
  withListOptions(datasets.command('list'), 50)
    .description('List datasets, newest first')
    .option('-q, --query <text>', 'part of the name')
    .action(async (options: ListOptions & { query?: string }, command: Command) => {
      const session = sessionOf(command)
      const found = await collect(options, async (page) => {
        return (await session.api.call(listDatasets, { query: { q: options.query, ...page } })).datasets
      })
      session.list(
        found,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name, fill: true },
          {
            title: 'CHANGED',
            value: ({ updated_at }) => updated_at.slice(0, 19).replace('T', ' '),
            spare: 1,
          },
          { title: 'DESCRIPTION', value: ({ description }) => description, fill: true },
        ],
        'There are no datasets.',
      )
    })

  withListOptions(datasets.command('records <id>'), 20)
    .description("List a dataset's records")
    .action(async (id: string, options: ListOptions, command: Command) => {
      const session = sessionOf(command)
      const found = await collect(options, async (query) => {
        return (await session.api.call(listDatasetRecords, { params: { dataset_id: id }, query })).records
      })
      session.list(
        found,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'SOURCE', value: ({ source }) => source, spare: 2 },
          { title: 'QUESTION', value: ({ payload }) => lastText(payload.messages, 'user'), fill: true },
          { title: 'ANSWER', value: ({ payload }) => lastText(payload.messages, 'assistant'), fill: true },
          {
            title: 'PROPERTIES',
            value: ({ properties }) => JSON.stringify(properties),
            fill: true,
            spare: 1,
          },
        ],
        'The dataset is empty.',
      )
    })

  withListOptions(datasets.command('tasks <id>'), 20)
    .description("List a dataset's imports, newest first")
    .action(async (id: string, options: ListOptions, command: Command) => {
      const session = sessionOf(command)
      const found = await collect(options, async (query) => {
        return (await session.api.call(listDatasetTasks, { params: { dataset_id: id }, query })).tasks
      })
      session.list(
        found,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'STATUS', value: ({ status }) => status },
          { title: '%', value: ({ progress }) => progress, align: 'right' },
          { title: 'STARTED', value: ({ created_at }) => created_at.slice(0, 19).replace('T', ' ') },
          { title: 'MESSAGE', value: ({ message }) => message, fill: true },
        ],
        'Nothing was imported into it.',
      )
    })
}

/** `tramontane datasets …` */
export function datasetCommands(program: Command): void {
  const datasets = program.command('datasets').description('Datasets: make, import, show, export')

  datasets
    .command('create <name>')
    .description('Make an empty dataset; its name has 5 to 50 characters')
    .option('--description <text>', 'what it is for', '')
    .action(async (name: string, { description }: { description: string }, command: Command) => {
      const session = sessionOf(command)
      const made = await session.api.call(createDataset, { body: { name, description } })
      session.show(made, () => `Made the dataset ${made.name}: ${made.id}`)
    })

  readingCommands(datasets)
  datasetImportCommands(datasets)

  datasets
    .command('export <id> [target]')
    .description('Write the records as JSONL, to standard output or into a new file')
    .option('--link', 'only make a link that needs no key until it expires')
    .action(
      async (id: string, target: string | undefined, { link }: { link?: boolean }, command: Command) => {
        const session = sessionOf(command)
        const answer = await session.api.call(exportDataset, { params: { dataset_id: id } })
        if (link) return session.show(answer, answer.file_url)
        const response = await fetch(answer.file_url).catch((cause: unknown) => {
          throw new CliError(
            `the export is ready, but ${new URL(answer.file_url).origin} does not answer: is TRAMONTANE_PUBLIC_URL of the server right?`,
            { cause },
          )
        })
        if (!response.ok) throw new CliError(`the link to the export answered ${response.status}`)
        await save(response, target)
        if (target !== undefined) session.remark(`Wrote ${target}.`)
      },
    )

  datasets
    .command('delete <id>')
    .description('Delete a dataset with its records')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      await session.api.call(deleteDataset, { params: { dataset_id: id } })
      session.show({ deleted: id }, `The dataset ${id} is deleted.`)
    })
}
