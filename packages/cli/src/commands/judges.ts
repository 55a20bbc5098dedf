import { existsSync } from 'node:fs'
import {
  createJudge,
  deleteJudge,
  getJudge,
  type Judge,
  judgeConversation,
  judgeDefinition,
  judgeEvent,
  judgeOutputType,
  listJudges,
  updateJudge,
} from '@tramontane/contract/judges'
import { jsonObject } from '@tramontane/contract/scalars'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { usageError } from '../cli-error.ts'
import { readJsonFile } from '../json-file.ts'
import { collect, type ListOptions, withListOptions } from '../paged-list.ts'
import { type Session, sessionOf } from '../session.ts'
import { printable } from '../terminal-text.ts'

const fileHelp = `
FILE is JSON, as the API takes it ("-": standard input):
  {"name": "politeness", "description": "Is the answer polite?", "model_name": "mistral-small-latest",
   "instructions": "Is this answer polite?\\n{{ assistant_message }}\\n{{ answer_type_definition }}",
   "output": {"type": "CLASSIFICATION", "options": [{"value": "yes", "description": "…"}, {"value": "no", "description": "…"}]},
   "tools": []}`

function answersOf({ output }: Judge): string {
  return output.type === 'CLASSIFICATION'
    ? output.options.map(({ value }) => value).join(' | ')
    : `${output.min} … ${output.max}`
}

function describe(judge: Judge): string {
  return printable(
    [
      `${judge.name}  ${judge.id}`,
      judge.description,
      '',
      `model      ${judge.model_name}`,
      `answers    ${answersOf(judge)}`,
      `field      __judge_${judge.id.replaceAll('-', '')}`,
      `updated    ${judge.updated_at}`,
      ...(judge.down_revision ? [`before     ${judge.down_revision}`] : []),
      ...(judge.up_revision ? [`after      ${judge.up_revision}`] : []),
      '',
      judge.instructions,
    ].join('\n'),
  )
}

const conversationFile = z.union([
  z.array(jsonObject),
  z.object({ messages: z.array(jsonObject), properties: jsonObject.optional() }),
])

/** Judges at once: a saved judge or one in a file, on an event or on a conversation in a file. */
async function tryJudge(
  { api }: Session,
  judge: string,
  { event, messages }: { event?: string; messages?: string },
) {
  if ((event === undefined) === (messages === undefined))
    throw usageError('give what is to be judged: either --event or --messages')
  const isFile = judge === '-' || existsSync(judge)
  if (event !== undefined) {
    const judge_definition = isFile
      ? await readJsonFile(judge, judgeDefinition)
      : await api.call(getJudge, { params: { judge_id: judge } })
    return api.call(judgeEvent, { params: { event_id: event }, body: { judge_definition } })
  }
  if (isFile)
    throw usageError('a judge in a file is tried on an event (--event); to try it on messages, create it')
  const read = await readJsonFile(messages!, conversationFile)
  const body = Array.isArray(read) ? { messages: read } : read
  return api.call(judgeConversation, { params: { judge_id: judge }, body })
}

/** `tramontane judges …` */
export function judgeCommands(program: Command): void {
  const judges = program.command('judges').description('Judges: list, read, write, try')

  withListOptions(judges.command('list'), 50)
    .description('List judges, newest first')
    .option('-q, --query <text>', 'part of the name')
    .addOption(new Option('--type <type>', 'only these').choices(judgeOutputType.options))
    .option('--model <name>', 'only those that ask this model')
    .action(
      async (options: ListOptions & { query?: string; type?: string; model?: string }, command: Command) => {
        const session = sessionOf(command)
        const query = {
          q: options.query,
          type_filter: options.type && [judgeOutputType.parse(options.type)],
          model_filter: options.model && [options.model],
        }
        const found = await collect(options, async (page) => {
          return (await session.api.call(listJudges, { query: { ...query, ...page } })).judges
        })
        session.list(
          found,
          [
            { title: 'ID', value: ({ id }) => id },
            { title: 'NAME', value: ({ name }) => name, fill: true },
            { title: 'MODEL', value: ({ model_name }) => model_name, fill: true, spare: 2 },
            { title: 'ANSWERS', value: answersOf, fill: true },
            { title: 'DESCRIPTION', value: ({ description }) => description, fill: true, spare: 1 },
          ],
          'There are no judges.',
        )
      },
    )

  judges
    .command('get <id>')
    .description('Read a judge, or one of its revisions')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const judge = await session.api.call(getJudge, { params: { judge_id: id } })
      session.show(judge, () => describe(judge))
    })

  judges
    .command('create <file>')
    .description('Save a judge')
    .addHelpText('after', fileHelp)
    .action(async (file: string, _options, command: Command) => {
      const session = sessionOf(command)
      const judge = await session.api.call(createJudge, { body: await readJsonFile(file, judgeDefinition) })
      session.show(judge, () => `Saved the judge ${judge.name}: ${judge.id}`)
    })

  judges
    .command('update <id> <file>')
    .description("Replace a judge's content; the earlier content stays readable as a revision")
    .addHelpText('after', fileHelp)
    .action(async (id: string, file: string, _options, command: Command) => {
      const session = sessionOf(command)
      const body = await readJsonFile(file, judgeDefinition)
      await session.api.call(updateJudge, { params: { judge_id: id }, body })
      session.show({ updated: id }, `The judge ${id} is updated.`)
    })

  judges
    .command('delete <id>')
    .description('Delete a judge; what it judged stays')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      await session.api.call(deleteJudge, { params: { judge_id: id } })
      session.show({ deleted: id }, `The judge ${id} is deleted.`)
    })

  judges
    .command('try <judge>')
    .description('Let a judge (its id, or a file) judge one conversation now; nothing is stored')
    .option('--event <id>', 'the event to judge')
    .option('--messages <file>', 'a JSON file with the messages to judge ("-": standard input)')
    .action(async (judge: string, options: { event?: string; messages?: string }, command: Command) => {
      const session = sessionOf(command)
      const output = await tryJudge(session, judge, options)
      session.show(output, () => printable(`${output.answer}\n\n${output.analysis}`))
    })
}
