import { z } from 'zod'
import {
  contentChunk,
  entry,
  inputs,
  messageInputEntry,
  messageOutputEntry,
  outputEntry,
} from './conversation-entries.ts'
import { operation } from './operation.ts'
import { instant, jsonObject, wholeNumber } from './scalars.ts'

/** How the model shall answer; the names are those of the official API. */
export const completionArgs = z.object({
  stop: z.union([z.string(), z.array(z.string()).max(100)]).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(0).nullish(),
  random_seed: z.int().min(0).nullish(),
  prediction: z
    .object({ type: z.literal('content').default('content'), content: z.string().default('') })
    .nullish(),
  response_format: z
    .object({
      type: z.enum(['text', 'json_object', 'json_schema']).default('text'),
      json_schema: z
        .object({
          name: z.string(),
          description: z.string().nullish(),
          schema: jsonObject,
          strict: z.boolean().default(false),
        })
        .nullish(),
    })
    .nullish(),
  tool_choice: z.enum(['auto', 'none', 'any', 'required']).optional(),
  reasoning_effort: z.enum(['high', 'none']).nullish(),
})
export type CompletionArgs = z.output<typeof completionArgs>

export const functionTool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().min(1).max(500),
    description: z.string().default(''),
    strict: z.boolean().default(false),
    parameters: jsonObject,
  }),
})
export type FunctionTool = z.output<typeof functionTool>

/** Tools that run at the vendor; understood only to be refused by name. */
const vendorTool = z.looseObject({
  type: z.enum([
    'web_search',
    'web_search_premium',
    'code_interpreter',
    'image_generation',
    'document_library',
    'connector',
  ]),
})

/** The type of a tool that does not say it, told by its fields. */
function withToolType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'type' in value) return value
  if ('function' in value) return { ...value, type: 'function' }
  if ('connector_id' in value) return { ...value, type: 'connector' }
  return 'library_ids' in value ? { ...value, type: 'document_library' } : value
}
const tool = z.preprocess(withToolType, z.discriminatedUnion('type', [functionTool, vendorTool]))

const guardrails = z.array(jsonObject).max(100).nullish()
const agentVersion = z.union([z.string(), z.int()]).nullish()
const turn = {
  inputs: inputs.optional(),
  /** The answer comes as server-sent events. */
  stream: z.boolean().nullish(),
  /** `false`: neither the conversation nor an event of it is kept. */
  store: z.boolean().nullish(),
  /** Means something with agents only. */
  handoff_execution: z.enum(['client', 'server']).nullish(),
  completion_args: completionArgs.nullish(),
}

const startBody = z.object({
  ...turn,
  inputs,
  instructions: z.string().max(1_000_000).nullish(),
  tools: z.array(tool).max(1_000).nullish(),
  guardrails,
  name: z.string().max(1_000).nullish(),
  description: z.string().max(10_000).nullish(),
  metadata: jsonObject.nullish(),
  agent_id: z.string().nullish(),
  agent_version: agentVersion,
  model: z.string().min(1).max(500).nullish(),
})
const appendBody = z.object({ ...turn, tool_confirmations: z.array(jsonObject).max(1_000).nullish() })
const restartBody = z.object({
  ...turn,
  guardrails,
  metadata: jsonObject.nullish(),
  from_entry_id: z.string(),
  agent_version: agentVersion,
})
export type StartBody = z.output<typeof startBody>
export type AppendBody = z.output<typeof appendBody>
export type RestartBody = z.output<typeof restartBody>

export const conversationUsage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  connector_tokens: z.int().nullable(),
  connectors: z.record(z.string(), z.int()).nullable(),
})
export type ConversationUsage = z.output<typeof conversationUsage>

const conversationResponse = z.object({
  object: z.literal('conversation.response'),
  conversation_id: z.string(),
  outputs: z.array(outputEntry),
  usage: conversationUsage,
  guardrails: z.array(jsonObject).nullable(),
})
export type ConversationResponse = z.output<typeof conversationResponse>

export const conversation = z.object({
  object: z.literal('conversation'),
  id: z.string(),
  created_at: instant,
  updated_at: instant,
  model: z.string(),
  instructions: z.string().nullable(),
  tools: z.array(functionTool),
  completion_args: completionArgs,
  guardrails: z.array(jsonObject).nullable(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  metadata: jsonObject.nullable(),
})
export type Conversation = z.output<typeof conversation>

const ofModel = { output_index: z.int(), id: z.string(), model: z.string().nullable(), agent_id: z.null() }

/** The data of a stream's frames; each frame's `event` repeats the `type`. */
export const conversationEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('conversation.response.started'),
    created_at: instant,
    conversation_id: z.string(),
  }),
  z.object({
    type: z.literal('message.output.delta'),
    created_at: instant,
    ...ofModel,
    content_index: z.int(),
    role: z.literal('assistant'),
    content: z.union([z.string(), contentChunk]),
  }),
  z.object({
    type: z.literal('function.call.delta'),
    created_at: instant,
    ...ofModel,
    name: z.string(),
    tool_call_id: z.string(),
    arguments: z.string(),
    confirmation_status: z.null(),
  }),
  z.object({
    type: z.literal('conversation.response.done'),
    created_at: instant,
    usage: conversationUsage,
  }),
  z.object({
    type: z.literal('conversation.response.error'),
    created_at: instant,
    message: z.string(),
    /** The HTTP status that the same failure has without streaming. */
    code: z.int(),
  }),
])
export type ConversationEvent = z.output<typeof conversationEvent>

/** What the official Python client writes where it was given no metadata: its own mark for "not set", as JSON. */
const PYTHON_UNSET = '"~?~unset~?~sentinel~?~"'

/** The query `metadata` is a JSON object in a string. */
const metadataQuery = z.preprocess((value) => {
  if (value === '' || value === PYTHON_UNSET) return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}, jsonObject.nullish())

const tag = 'Conversations'
const errorShape = 'validation'
const params = z.object({ conversation_id: z.string() })
/** Conversations may hold images. */
const bodyLimit = 16 * 1024 * 1024
const providerErrors = [
  'FEATURE_NOT_SUPPORTED',
  'PROVIDER_NOT_CONFIGURED',
  'PROVIDER_REFUSED',
  'PROVIDER_RATE_LIMITED',
  'PROVIDER_ERROR',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_TIMEOUT',
] as const

export const startConversation = operation({
  id: 'startConversation',
  method: 'POST',
  path: '/v1/conversations',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Start a conversation with a model',
  body: startBody,
  bodyLimit,
  response: conversationResponse,
  events: conversationEvent,
  errors: providerErrors,
})

export const listConversations = operation({
  id: 'listConversations',
  method: 'GET',
  path: '/v1/conversations',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List conversations, the newest first; pages count from 0',
  query: z.object({
    page: wholeNumber({ min: 0, max: 20_000_000 }).default(0),
    page_size: wholeNumber({ min: 0, max: 1_000 }).default(100),
    metadata: metadataQuery,
  }),
  response: z.array(conversation),
})

export const getConversation = operation({
  id: 'getConversation',
  method: 'GET',
  path: '/v1/conversations/{conversation_id}',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'A conversation without its entries',
  params,
  response: conversation,
  errors: ['CONVERSATION_NOT_FOUND'],
})

export const deleteConversation = operation({
  id: 'deleteConversation',
  method: 'DELETE',
  path: '/v1/conversations/{conversation_id}',
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Delete a conversation; the events of its calls stay',
  params,
  errors: ['CONVERSATION_NOT_FOUND'],
})

export const appendToConversation = operation({
  id: 'appendToConversation',
  method: 'POST',
  path: '/v1/conversations/{conversation_id}',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Append entries and let the model answer',
  params,
  body: appendBody,
  bodyLimit,
  response: conversationResponse,
  events: conversationEvent,
  errors: ['CONVERSATION_NOT_FOUND', 'CONVERSATION_BUSY', ...providerErrors],
})

export const getConversationHistory = operation({
  id: 'getConversationHistory',
  method: 'GET',
  path: '/v1/conversations/{conversation_id}/history',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'All entries, in order',
  params,
  response: z.object({
    object: z.literal('conversation.history'),
    conversation_id: z.string(),
    entries: z.array(entry),
  }),
  errors: ['CONVERSATION_NOT_FOUND'],
})

export const getConversationMessages = operation({
  id: 'getConversationMessages',
  method: 'GET',
  path: '/v1/conversations/{conversation_id}/messages',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'The entries that are messages, in order',
  params,
  response: z.object({
    object: z.literal('conversation.messages'),
    conversation_id: z.string(),
    messages: z.array(z.discriminatedUnion('type', [messageInputEntry, messageOutputEntry])),
  }),
  errors: ['CONVERSATION_NOT_FOUND'],
})

export const restartConversation = operation({
  id: 'restartConversation',
  method: 'POST',
  path: '/v1/conversations/{conversation_id}/restart',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'A new conversation that goes on from an entry of this one, which stays as it is',
  params,
  body: restartBody,
  bodyLimit,
  response: conversationResponse,
  events: conversationEvent,
  errors: ['CONVERSATION_NOT_FOUND', 'CONVERSATION_ENTRY_NOT_FOUND', ...providerErrors],
})
