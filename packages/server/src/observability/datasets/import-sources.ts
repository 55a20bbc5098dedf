import type { Readable } from 'node:stream'
import type { DatasetNeeds } from './dataset-needs.ts'
import {
  BatchBuilder,
  type ImportBatch,
  ImportError,
  type ImportedRecord,
  type ImportPosition,
  type ImportRequest,
} from './import-request.ts'
import { readLines } from './line-reader.ts'
import type { RecordStore } from './record-store.ts'
import { parseRecordLine, RecordFormatError, recordOf } from './record-text.ts'

/** Ids that are looked up together: few, since each may bring megabytes. */
const CHUNK = 16

type Events = Awaited<ReturnType<DatasetNeeds['events']>>
type Event = Events[number]

/** Reads a JSONL file. Blank lines count as lines and are passed over. */
async function* fromFile(
  file: { bytes: number; content: Readable },
  from: ImportPosition,
): AsyncGenerator<ImportBatch> {
  const batch = new BatchBuilder()
  let position = from
  for await (const lines of readLines(file.content, { at: from.at, lines: from.lines ?? 0 })) {
    for (const { text, number, end } of lines) {
      position = { at: end, lines: number }
      if (text.trim() !== '') batch.add(readLine(text, number))
      if (batch.isFull) yield batch.take(position, end / file.bytes)
    }
  }
  yield batch.take(position, 1)
}

function readLine(text: string, number: number): ImportedRecord {
  try {
    return { ...parseRecordLine(text), source: 'UPLOADED_FILE' }
  } catch (error) {
    if (!(error instanceof RecordFormatError)) throw error
    throw new ImportError(`Line ${number} is no record: ${error.message}. Nothing was imported.`)
  }
}

/**
 * Looks ids up, some at a time.
 * @param look gives the record of each id, or undefined for one that has nothing to import
 */
async function* fromIds(
  ids: readonly string[],
  from: ImportPosition,
  look: (ids: readonly string[]) => Promise<(ImportedRecord | undefined)[]>,
): AsyncGenerator<ImportBatch> {
  const batch = new BatchBuilder()
  let { at, leftOut = 0 } = from
  while (at < ids.length) {
    const chunk = ids.slice(at, at + CHUNK)
    for (const record of await look(chunk)) {
      if (record) batch.add(record)
      else leftOut++
    }
    at += chunk.length
    if (batch.isFull) yield batch.take({ at, leftOut }, at / ids.length)
  }
  yield batch.take({ at, leftOut }, 1)
}

function eventRecord(event: Event, properties: Record<string, unknown>): ImportedRecord {
  const messages = [...event.requestMessages, ...event.responseMessages]
  const payload = event.enabledTools.length > 0 ? { messages, tools: event.enabledTools } : { messages }
  return { ...recordOf(payload, properties), source: 'EXPLORER' }
}

function missing(what: string, id: string): ImportError {
  return new ImportError(`No ${what} has the id ${id.slice(0, 200)}. Nothing was imported.`)
}

function foundIn<T>(found: ReadonlyMap<string, T>, id: string, what: string): T {
  const value = found.get(id)
  if (value === undefined) throw missing(what, id)
  return value
}

/** What an import reads, by where it reads from. */
export class ImportSources {
  readonly #needs: DatasetNeeds
  readonly #records: RecordStore

  constructor(needs: DatasetNeeds, records: RecordStore) {
    this.#needs = needs
    this.#records = records
  }

  /**
   * The batches of an import from a position on; the same ones whenever it is asked again.
   * @throws ImportError for what will not get better by trying again
   */
  async *read(
    workspaceId: string,
    request: ImportRequest,
    from: ImportPosition,
  ): AsyncGenerator<ImportBatch> {
    if (request.kind === 'file') {
      const file = await this.#needs.openFile(workspaceId, request.fileId)
      if (!file)
        throw new ImportError('The file was deleted, or its bytes are missing. Nothing was imported.')
      yield* fromFile(file, from)
    } else if (request.kind === 'campaign') {
      yield* this.#fromCampaign(workspaceId, request.campaignId, from)
    } else {
      const look = { explorer: this.#events, playground: this.#conversations, dataset: this.#copies }[
        request.kind
      ]
      yield* fromIds(request.ids, from, (ids) => look.call(this, workspaceId, ids))
    }
  }

  async *#fromCampaign(
    workspaceId: string,
    campaignId: string,
    from: ImportPosition,
  ): AsyncGenerator<ImportBatch> {
    const selected = await this.#needs.campaignEvents(workspaceId, campaignId)
    if (!selected) throw new ImportError('The campaign was deleted. Nothing was imported.')
    yield* fromIds(selected, from, async (ids) => {
      const answers = await this.#needs.campaignAnswers(workspaceId, campaignId, ids)
      const judged = ids.filter((id) => answers.has(id))
      const events = byId(await this.#needs.events(workspaceId, judged))
      return ids.map((id) => {
        const event = events.get(id)
        const answer = answers.get(id)
        if (!event || !answer) return undefined
        return eventRecord(event, { ...answer, event_id: id, campaign_id: campaignId })
      })
    })
  }

  async #events(workspaceId: string, ids: readonly string[]): Promise<ImportedRecord[]> {
    const found = byId(await this.#needs.events(workspaceId, ids))
    return ids.map((id) => {
      const event = foundIn(found, id.toLowerCase(), 'event')
      return eventRecord(event, {
        event_id: event.id,
        correlation_id: event.correlationId,
        model_name: event.modelName,
        metadata: event.metadata,
      })
    })
  }

  async #conversations(workspaceId: string, ids: readonly string[]): Promise<ImportedRecord[]> {
    const found = await this.#needs.conversations(workspaceId, ids)
    return ids.map((id) => {
      const messages = foundIn(found, id, 'conversation')
      return { ...recordOf({ messages }, { conversation_id: id }), source: 'PLAYGROUND' }
    })
  }

  async #copies(workspaceId: string, ids: readonly string[]): Promise<ImportedRecord[]> {
    const found = await this.#records.byIds(workspaceId, ids)
    return ids.map((id) => {
      const { payload, properties, payload_has_properties, source } = foundIn(found, id, 'dataset record')
      return { payload, properties, payloadHasProperties: payload_has_properties, source }
    })
  }
}

function byId(events: Events): Map<string, Event> {
  return new Map(events.map((event) => [event.id, event]))
}
