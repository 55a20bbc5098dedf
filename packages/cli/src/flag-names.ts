import type { Command } from 'commander'

/** What users call a field of the API on the command line; undefined for one that they do not give. */
export type FlagNames = (field: string) => string | undefined

/** Fields whose option or argument may have another name than they; `id` where a command is about that thing. */
const OTHERS: Readonly<Record<string, string | readonly string[]>> = {
  campaign_id: ['campaign', 'id'],
  completion_event_ids: 'event',
  conversation_ids: 'conversation',
  dataset_record_ids: 'record',
  dataset_id: ['dataset', 'id'],
  deployment_name: 'deployment',
  event_id: ['event', 'id'],
  execution_id: ['execution', 'id'],
  execution_ids: 'executions',
  file_id: ['file', 'id'],
  judge_id: ['judge', 'id'],
  key_id: 'id',
  max_nb_events: 'max',
  model_filter: 'model',
  page_size: 'limit',
  q: 'query',
  root_execution_id: 'root',
  search_params: 'filter',
  tags: 'tag',
  type_filter: 'type',
  workflow_identifier: 'workflow',
}

/** How the options and arguments of a command are called that become fields of the API. */
export function flagNames(command: Command): FlagNames {
  const options = new Set(command.options.map(({ long }) => long))
  const taken = new Set(command.registeredArguments.map((argument) => argument.name()))
  return (field) => {
    for (const name of [OTHERS[field] ?? [], field.replaceAll('_', '-')].flat()) {
      if (options.has(`--${name}`)) return `--${name}`
      if (taken.has(name)) return `<${name}>`
    }
    return undefined
  }
}

/**
 * The place of a mistake in a call, as the command line has it: `--name`, `<record> 2` (the second of several); of a file
 * that is sent as it is, the place in it.
 * @param place `['body', 'dataset_record_ids', 1]`
 */
export function placeName([part, field, ...below]: readonly unknown[], names: FlagNames): string {
  if (field === undefined) return String(part ?? 'the call')
  const flag = names(String(field))
  const rest = below.map((step) => (flag && typeof step === 'number' ? ` ${step + 1}` : `.${step}`)).join('')
  return `${flag ?? (part === 'body' ? field : `${part}.${field}`)}${rest}`
}

/** What is wrong with a call, told in one sentence for all places: `body.name: …; query.q: …`. */
export function withPlaceNames(sentence: string, names: FlagNames): string {
  return sentence.replace(/(^|; )([a-z_]+(?:\.\w+)*)(?=: )/g, (_, before: string, place: string) => {
    const steps = place.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step))
    const isWhole = ['body', 'query', 'path', 'header'].includes(String(steps[0]))
    return before + placeName(isWhole ? steps : ['body', ...steps], names)
  })
}

/** A sentence of the server with the fields that it names, such as `deployment_name`, as the command line has them. */
export function withFlags(sentence: string, names: FlagNames): string {
  return sentence.replace(/`(\w+)`/g, (whole, field: string) => names(field) ?? whole)
}
