import {
  type CampaignProgress,
  cancelCampaign,
  createCampaign,
  deleteCampaign,
  getCampaignStatus,
  listCampaigns,
  listSelectedEvents,
  resumeCampaign,
} from '@tramontane/contract/campaigns'
import { printFilter } from '@tramontane/contract/filter-print'
import { commandName } from '@tramontane/server/platform/command-name'
import type { Command } from 'commander'
import type { Answer, ApiClient } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { eventColumns } from '../event-columns.ts'
import { fieldDefinitions } from '../field-definitions.ts'
import { readFilter } from '../filter-argument.ts'
import { follow } from '../follow.ts'
import { collect, countArgument, type ListOptions, withListOptions } from '../paged-list.ts'
import { type Session, sessionOf } from '../session.ts'
import { oneLine } from '../terminal-text.ts'

interface NewCampaign {
  readonly judge: string
  readonly filter?: string
  readonly max: number
  readonly name?: string
  readonly description: string
}

/** Of what keeps a campaign from getting on, behind its progress bar. */
const MAX_TROUBLE = 120

function withNewCampaign(command: Command): Command {
  return command
    .requiredOption('--judge <id>', 'the judge')
    .option('--filter <filter>', `which events (see ${commandName} events search --help); without it, all`)
    .option('--max <count>', 'how many at most, the newest first', countArgument, 1_000)
    .option('--name <name>', 'its name, 5 to 50 characters')
    .option('--description <text>', 'what it is for', '')
}

async function create(api: ApiClient, options: NewCampaign): Promise<Answer<typeof createCampaign>> {
  return api.call(createCampaign, {
    body: {
      name: options.name ?? `Campaign of ${new Date().toISOString().slice(0, 19).replace('T', ' ')}`,
      description: options.description,
      judge_id: options.judge,
      search_params: { filters: await readFilter(api, options.filter) },
      max_nb_events: options.max,
    },
  })
}

function describe(progress: CampaignProgress): string {
  const { status, reason, total, judged, failed, pending, errors } = progress
  const counts = `${judged} of ${total} judged, ${failed} failed, ${pending} pending`
  const tokens = `${progress.input_tokens} + ${progress.output_tokens} tokens`
  const samples = errors.map(({ reason, count, event_ids }) => {
    return `  ${count} × ${oneLine(reason)} (e.g. event ${event_ids[0]})`
  })
  return [`${status}${reason ? `: ${oneLine(reason)}` : ''}`, `${counts}, ${tokens}`, ...samples].join('\n')
}

/** Shows a campaign's end, and fails unless each of its events was judged or failed for a reason of its own. */
function finish(session: Session, id: string, progress: CampaignProgress): void {
  session.show({ id, ...progress }, () => describe(progress))
  if (progress.status !== 'COMPLETED') throw new CliError(`the campaign ${id} ended as ${progress.status}`)
}

async function watch(session: Session, id: string): Promise<void> {
  const progress = await follow(
    session.api,
    'judging',
    async () => {
      const value = await session.api.call(getCampaignStatus, { params: { campaign_id: id } })
      const { status, total, judged, failed, reason } = value
      const trouble = status === 'RUNNING' && reason ? `  ${oneLine(reason).slice(0, MAX_TROUBLE)}` : ''
      const note = `${judged} of ${total}${failed > 0 ? `, ${failed} failed` : ''}${trouble}`
      return { value, isRunning: status === 'RUNNING', done: judged + failed, total, note }
    },
    `The campaign goes on. To watch it again: ${session.hint(`campaigns watch ${id}`)}`,
  )
  finish(session, id, progress)
}

function readingCommands(campaigns: Command): void {
  withListOptions(campaigns.command('list'), 50)
    .description('List campaigns, newest first')
    .option('-q, --query <text>', 'part of the name')
    .action(async (options: ListOptions & { query?: string }, command: Command) => {
      const session = sessionOf(command)
      const found = await collect(options, async (page) => {
        return (await session.api.call(listCampaigns, { query: { q: options.query, ...page } })).campaigns
      })
      session.list(
        found,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name, fill: true },
          { title: 'JUDGE', value: ({ judge }) => judge.name, fill: true, spare: 1 },
          { title: 'MAX', value: ({ max_nb_events }) => max_nb_events, align: 'right', spare: 3 },
          { title: 'MADE', value: ({ created_at }) => created_at.slice(0, 19).replace('T', ' '), spare: 2 },
          { title: 'FILTER', value: ({ search_params }) => printFilter(search_params.filters), fill: true },
        ],
        'There are no campaigns.',
      )
    })

  campaigns
    .command('status <id>')
    .description('Show how far a campaign is, and why events could not be judged')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const progress = await session.api.call(getCampaignStatus, { params: { campaign_id: id } })
      session.show(progress, () => describe(progress))
    })

  withListOptions(campaigns.command('events <id>'), 20)
    .description("List a campaign's events with their annotations")
    .action(async (id: string, options: ListOptions, command: Command) => {
      const session = sessionOf(command)
      const found = await collect(options, async (query) => {
        const page = await session.api.call(listSelectedEvents, { params: { campaign_id: id }, query })
        return page.completion_events
      })
      const fields = session.json ? [] : await fieldDefinitions(session.api)
      session.list(found, eventColumns(found, fields), 'The campaign has no events.')
    })
}

function runningCommands(campaigns: Command): void {
  withNewCampaign(campaigns.command('create'))
    .description('Start a campaign, and leave it to the server')
    .action(async (options: NewCampaign, command: Command) => {
      const session = sessionOf(command)
      const made = await create(session.api, options)
      session.show(made, () => `Started the campaign ${made.name}: ${made.id}`)
    })

  withNewCampaign(campaigns.command('run'))
    .description('Start a campaign and watch it to its end; the exit code is 0 if it completes')
    .action(async (options: NewCampaign, command: Command) => {
      const session = sessionOf(command)
      const made = await create(session.api, options)
      session.remark(`Started the campaign ${made.name}: ${made.id}`)
      await watch(session, made.id)
    })

  campaigns
    .command('watch <id>')
    .description('Watch a campaign to its end; the exit code is 0 if it completes')
    .action(async (id: string, _options, command: Command) => watch(sessionOf(command), id))

  campaigns
    .command('resume <id>')
    .description('Judge again what failed, go on with what is left, and watch')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      await session.api.call(resumeCampaign, { params: { campaign_id: id } })
      await watch(session, id)
    })

  campaigns
    .command('cancel <id>')
    .description('Stop a campaign; what it has judged stays')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const progress = await session.api.call(cancelCampaign, { params: { campaign_id: id } })
      session.show(progress, () => describe(progress))
    })

  campaigns
    .command('delete <id>')
    .description('Delete a campaign, stopping it if it runs; its annotations stay')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      await session.api.call(deleteCampaign, { params: { campaign_id: id } })
      session.show({ deleted: id }, `The campaign ${id} is deleted.`)
    })
}

/** `tramontane campaigns …` */
export function campaignCommands(program: Command): void {
  const campaigns = program.command('campaigns').description('Campaigns: run, watch, list, cancel')
  runningCommands(campaigns)
  readingCommands(campaigns)
}
