import { z } from 'zod'
import { instant, jsonObject } from './scalars.ts'

const textChunk = z.object({ type: z.literal('text'), text: z.string() })
const imageChunk = z.object({
  type: z.literal('image_url'),
  image_url: z.union([
    z.string(),
    z.object({ url: z.string(), detail: z.enum(['low', 'auto', 'high']).nullish() }),
  ]),
})
const documentChunk = z.object({
  type: z.literal('document_url'),
  document_url: z.string(),
  document_name: z.string().nullish(),
})
const toolReferenceChunk = z.object({
  type: z.literal('tool_reference'),
  tool: z.string(),
  title: z.string(),
  url: z.string().nullish(),
  favicon: z.string().nullish(),
  description: z.string().nullish(),
})
const referenceChunk = z.object({
  type: z.literal('reference'),
  reference_ids: z.array(z.int()),
})
const thinkChunk = z.object({
  type: z.literal('thinking'),
  thinking: z.array(z.discriminatedUnion('type', [textChunk, toolReferenceChunk, referenceChunk])),
  closed: z.boolean().optional(),
})
/** A file that a tool of the vendor made; understood only to be refused by name. */
const toolFileChunk = z.object({
  type: z.literal('tool_file'),
  tool: z.string(),
  file_id: z.string(),
  file_name: z.string().nullish(),
  file_type: z.string().nullish(),
})

/** The type of a chunk that does not say it, told by its fields. */
function withChunkType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'type' in value) return value
  const type = ['text', 'image_url', 'document_url', 'thinking'].find((name) => name in value)
  return { ...value, type: type ?? ('file_id' in value ? 'tool_file' : 'tool_reference') }
}

/** A piece of a message: what chat completions take too, and what only the vendor's tools make. */
export const contentChunk = z.discriminatedUnion('type', [
  textChunk,
  imageChunk,
  documentChunk,
  thinkChunk,
  toolFileChunk,
  toolReferenceChunk,
])
export type ContentChunk = z.output<typeof contentChunk>

const content = z.union([z.string(), z.array(z.preprocess(withChunkType, contentChunk)).max(1_000)])
export type Content = z.output<typeof content>

/** What is kept of a message that came in: references are refused. */
const keptContent = z.union([
  z.string(),
  z.array(z.discriminatedUnion('type', [textChunk, imageChunk, documentChunk, thinkChunk, toolFileChunk])),
])
const answeredContent = z.union([z.string(), z.array(contentChunk)])

/** What every entry has; of an entry that comes in, these are given anew. */
const given = {
  object: z.literal('entry').default('entry'),
  created_at: instant.optional(),
  completed_at: instant.nullish(),
  id: z.string().optional(),
}
const made = {
  object: z.literal('entry'),
  created_at: instant,
  completed_at: instant.nullable(),
  id: z.string(),
}
const byModel = { agent_id: z.string().nullish(), model: z.string().nullish() }
const callArguments = z.union([z.string(), jsonObject])
const confirmation = z.enum(['pending', 'allowed', 'denied']).nullish()

const messageInput = {
  type: z.literal('message.input'),
  role: z.enum(['assistant', 'user']),
  content,
  prefix: z.boolean().default(false),
}
const messageOutput = {
  type: z.literal('message.output'),
  ...byModel,
  role: z.literal('assistant').default('assistant'),
  content,
}
const functionCall = {
  type: z.literal('function.call'),
  ...byModel,
  tool_call_id: z.string().max(500),
  name: z.string().max(500),
  arguments: callArguments,
  confirmation_status: confirmation,
}
const functionResult = {
  type: z.literal('function.result'),
  tool_call_id: z.string().max(500),
  result: z.string(),
}
/** Entries that only the vendor's agents and tools make; understood only to be refused by name. */
const vendorEntry = z.looseObject({ type: z.enum(['tool.execution', 'agent.handoff']) })

/** The type of an entry that does not say it, told by its fields. */
function withType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'type' in value) return value
  if ('result' in value) return { ...value, type: 'function.result' }
  if ('arguments' in value) return { ...value, type: 'function.call' }
  return { ...value, type: 'message.input' }
}

/** An entry that a caller sends. */
export const inputEntry = z.preprocess(
  withType,
  z.discriminatedUnion('type', [
    z.object({ ...given, ...messageInput }),
    z.object({ ...given, ...messageOutput }),
    z.object({ ...given, ...functionCall }),
    z.object({ ...given, ...functionResult }),
    vendorEntry,
  ]),
)
export type InputEntry = z.output<typeof inputEntry>

export const messageInputEntry = z.object({ ...made, ...messageInput, content: keptContent })
export const messageOutputEntry = z.object({ ...made, ...messageOutput, content: answeredContent })
const functionCallEntry = z.object({ ...made, ...functionCall })
const functionResultEntry = z.object({ ...made, ...functionResult })

/** An entry of a conversation, as it is kept and answered. */
export const entry = z.discriminatedUnion('type', [
  messageInputEntry,
  messageOutputEntry,
  functionCallEntry,
  functionResultEntry,
])
export type Entry = z.output<typeof entry>

/** An entry that a model has made. */
export const outputEntry = z.discriminatedUnion('type', [messageOutputEntry, functionCallEntry])
export type OutputEntry = z.output<typeof outputEntry>

/** What a turn begins with: a text, or entries. */
export const inputs = z.union([z.string(), z.array(inputEntry).max(1_000)])
export type Inputs = z.output<typeof inputs>
