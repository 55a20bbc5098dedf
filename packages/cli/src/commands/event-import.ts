import { importEvents } from '@tramontane/contract/events'
import { canonicalInstant } from '@tramontane/contract/filter-check'
import { counted } from '@tramontane/server/platform/amounts'
import { type Command, InvalidArgumentError } from 'commander'
import type { Answer, ApiClient } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { type FieldMapping, parseMapping } from '../import/field-mapping.ts'
import { type ImportCounts, importLog, type SendRecords } from '../import/import-log.ts'
import { openLog } from '../import/log-lines.ts'
import { startProgress } from '../progress-bar.ts'
import { type Session, sessionOf } from '../session.ts'
import { oneLine } from '../terminal-text.ts'

const SHOWN_BAD_LINES = 20

const help = `
FILE is JSONL, gzipped or not, of any size; "-" is standard input. Each line is one call of a model, in one of these shapes:
  {"model_name": "…", "request_messages": […], "response_messages": […], "timestamp": "…", "metadata": {…}, …}
      a record of the API, with all of its fields
  {"request": {"model": "…", "messages": […]}, "response": {"choices": […], "usage": {…}}, …}
      request and answer of an OpenAI-compatible API
  {"model": "…", "messages": […], "response": {"role": "assistant", "content": "…"}, …}
      without "response", the answer is what the messages end with
In the last two, timestamp (or created_at, created, time), event_id, correlation_id, usage, input_tokens, output_tokens,
total_time_elapsed (seconds; or duration_ms, latency_ms), tools and error are taken for what they say. Every other key
becomes metadata: {"review": {"by": "ada"}} is found as metadata.review.by = "ada". --map names the place of a field in
lines of other shapes: --map model_name=payload.model --map request_messages=payload.input --map metadata.team=owner.team

Importing a file again, after an interruption for instance, adds nothing twice: an event's id is the line's event_id, or
comes from its text and number. Lines may be appended, and bad lines mended in place, in between. A line without a
time gets that of its first import, or --timestamp (the same each time). Bad lines are told by number and left out; the
exit code is then 1.`

interface ImportOptions {
  readonly map: FieldMapping[]
  readonly model?: string
  readonly timestamp?: string
}

function sender(api: ApiClient): SendRecords {
  return async (records) => {
    const response = await api.send(
      importEvents,
      {},
      { body: `{"events":[${records.join(',')}]}`, headers: { 'content-type': 'application/json' } },
    )
    return ((await response.json()) as Answer<typeof importEvents>).imported
  }
}

/** Tells bad lines as they come: all of them to scripts, the first ones to people. */
function badLineReporter({ json, remark }: Session) {
  const bad: { line: number; problem: string }[] = []
  return {
    bad,
    report: (line: number, problem: string) => {
      if (bad.length < 10_000) bad.push({ line, problem })
      if (json) return
      if (bad.length <= SHOWN_BAD_LINES) remark(`line ${line}: ${oneLine(problem)}`)
      else if (bad.length === SHOWN_BAD_LINES + 1) remark('more bad lines follow; --json lists them')
    },
  }
}

function summary({ added, known, bad, lines }: ImportCounts, seconds: number): string {
  const rate = Math.round((added + known) / Math.max(seconds, 0.001))
  const parts = [
    `${counted(added, 'event')} imported`,
    ...(known > 0 ? [`${known} ${known === 1 ? 'was' : 'were'} there already`] : []),
  ]
  if (bad > 0) parts.push(`${counted(bad, 'bad line')} left out`)
  return `${parts.join(', ')} (${counted(lines, 'line')} in ${seconds.toFixed(1)} s, ${rate} events/s)`
}

async function run(file: string, options: ImportOptions, session: Session): Promise<void> {
  const source = await openLog(file)
  const rules = { mappings: options.map, model: options.model, timestamp: options.timestamp }
  const { bad, report } = badLineReporter(session)
  const bar = startProgress('importing', source.size)
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1_000
  const onInterrupt = () => {
    bar.stop()
    session.remark(
      'Left off. What was sent is stored; the same command again imports the rest, and nothing twice.',
    )
    process.exit(130)
  }
  process.on('SIGINT', onInterrupt)
  const counts = await importLog(source.lines, rules, sender(session.api), {
    onBadLine: report,
    onProgress: ({ added, known, bad }) => {
      const rate = Math.round((added + known) / Math.max(seconds(), 0.001))
      bar.update(
        source.bytesRead(),
        `${counted(added + known, 'event')}, ${rate}/s${bad > 0 ? `, ${counted(bad, 'bad line')}` : ''}`,
      )
    },
  }).finally(() => {
    bar.stop()
    process.off('SIGINT', onInterrupt)
  })
  session.show({ ...counts, bad_lines: bad }, () => summary(counts, seconds()))
  if (counts.bad > 0) throw new CliError(`not imported: ${counted(counts.bad, 'line')}`)
}

function timestampArgument(text: string): string {
  const instant = canonicalInstant(text)
  if (instant === null) throw new InvalidArgumentError('It must be a time such as 2026-05-01T10:00:00Z.')
  return instant
}

/** `tramontane events import FILE` */
export function eventImportCommand(events: Command): void {
  events
    .command('import <file>')
    .description('Load a log of conversations as events')
    .option(
      '--map <field=path>',
      'where a field stands in each line (repeatable)',
      (option, mappings: FieldMapping[]) => [...mappings, parseMapping(option)],
      [],
    )
    .option('--model <name>', 'the model of lines that name none')
    .option('--timestamp <time>', 'the time of lines that have none', timestampArgument)
    .addHelpText('after', help)
    .action(async (file: string, options: ImportOptions, command: Command) =>
      run(file, options, sessionOf(command)),
    )
}
