import {
  countFieldOptions,
  type EventPreview,
  getEvent,
  listEventFields,
  listFieldOptions,
  searchEvents,
  similarEvents,
} from '@tramontane/contract/events'
import type { Filter } from '@tramontane/contract/filter'
import { operatorSpellings, quote, spellName } from '@tramontane/contract/filter-spelling'
import { commandName } from '@tramontane/server/platform/command-name'
import type { Command } from 'commander'
import type { Answer, ApiClient } from '../api-client.ts'
import { conversationText } from '../conversation-text.ts'
import { eventColumns } from '../event-columns.ts'
import { fieldDefinitions } from '../field-definitions.ts'
import { readFilter } from '../filter-argument.ts'
import { type ListOptions, withListOptions } from '../paged-list.ts'
import { sessionOf } from '../session.ts'
import { eventImportCommand } from './event-import.ts'

const LARGEST_PAGE = 100

const filterHelp = `
FILTER is text such as
  model_name = "mistral-medium" AND (total_time_elapsed > 5 OR invoked_tools includes "web_search")
Operators: ${Object.values(operatorSpellings)
  .map(([spelling]) => spelling)
  .join(' ')}
Fields: ${commandName} events fields; metadata as metadata.team or metadata."my key".`

/** Finds events, page after page, until there are enough. */
async function* search(
  api: ApiClient,
  filters: Filter | null,
  { limit, all }: ListOptions,
): AsyncGenerator<EventPreview[]> {
  let missing = all ? Number.POSITIVE_INFINITY : limit
  let cursor: string | null = null
  do {
    const page: Answer<typeof searchEvents> = await api.call(searchEvents, {
      query: { page_size: Math.min(LARGEST_PAGE, missing), cursor: cursor ?? undefined },
      body: { search_params: { filters } },
    })
    const { results } = page.completion_events
    yield results
    missing -= results.length
    cursor = page.completion_events.cursor
  } while (cursor !== null && missing > 0)
}

function searchCommands(events: Command): void {
  withListOptions(events.command('search [filter]'), 20)
    .description('Find events, newest first')
    .addHelpText('after', filterHelp)
    .action(async (text: string | undefined, options: ListOptions, command: Command) => {
      const session = sessionOf(command)
      const filter = await readFilter(session.api, text)
      const fields = session.json ? [] : await fieldDefinitions(session.api)
      const pages = search(session.api, filter, options)
      await session.listPages(pages, (events) => eventColumns(events, fields), 'No event matches.')
    })

  events
    .command('similar <id>')
    .description('Find the events that are most like one event')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const { completion_events } = await session.api.call(similarEvents, { params: { event_id: id } })
      const fields = session.json ? [] : await fieldDefinitions(session.api)
      const found = completion_events.results
      session.list(found, eventColumns(found, fields), 'No event is like it.')
    })

  events
    .command('get <id>')
    .description('Show an event with its conversation')
    .action(async (id: string, _options, command: Command) => {
      const session = sessionOf(command)
      const event = await session.api.call(getEvent, { params: { event_id: id } })
      session.show(event, () => conversationText(event))
    })
}

function fieldCommands(events: Command): void {
  events
    .command('fields')
    .description('List what events can be filtered on')
    .action(async (_options, command: Command) => {
      const session = sessionOf(command)
      const { field_definitions } = await session.api.call(listEventFields, {})
      session.list(
        field_definitions,
        [
          { title: 'FIELD', value: ({ name }) => spellName(name) },
          { title: 'LABEL', value: ({ label }) => label },
          { title: 'TYPE', value: ({ type }) => type },
          {
            title: 'OPERATORS',
            value: ({ supported_operators }) =>
              supported_operators.map((op) => operatorSpellings[op][0]).join(' '),
            fill: true,
          },
        ],
        'There are no fields.',
      )
    })

  events
    .command('options <field>')
    .description("List a field's values and how many events have each")
    .option('--filter <filter>', 'count only these events')
    .option('--suggest', 'the values to suggest for the field, without counting')
    .action(async (field: string, options: { filter?: string; suggest?: boolean }, command: Command) => {
      const session = sessionOf(command)
      const { api } = session
      const params = { field_name: field }
      if (options.suggest) {
        const { options: values } = await api.call(listFieldOptions, { params, query: { operator: 'eq' } })
        const rows = (values ?? []).map((value) => ({ value }))
        const title = 'VALUE'
        session.list(rows, [{ title, value: ({ value }) => String(value) }], 'There is nothing to suggest.')
        return
      }
      const filters = await readFilter(api, options.filter)
      const { counts } = await api.call(countFieldOptions, { params, body: { filter_params: { filters } } })
      session.list(
        counts,
        [
          { title: 'EVENTS', value: ({ count }) => count, align: 'right' },
          { title: 'VALUE', value: ({ value }) => quote(value), fill: true },
        ],
        'No event has a value there.',
      )
    })
}

/** `tramontane events …` */
export function eventCommands(program: Command): void {
  const events = program.command('events').description('Events: search, get, import')
  searchCommands(events)
  eventImportCommand(events)
  fieldCommands(events)
}
