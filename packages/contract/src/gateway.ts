import { z } from 'zod'
import { operation } from './operation.ts'
import { jsonObject } from './scalars.ts'

/** Requests carry images and documents. */
const BODY_LIMIT = 64 * 1024 * 1024

const nullable = <T extends z.ZodType>(type: T) => type.nullable().optional()

const sampling = {
  max_tokens: nullable(z.int().min(0)),
  stream: z.boolean().default(false).optional(),
  stop: z.union([z.string(), z.array(z.string())]).optional(),
  random_seed: nullable(z.int().min(0)),
  /** Kept with the event; each key can be filtered on. */
  metadata: nullable(jsonObject),
}
const temperature = { temperature: nullable(z.number()), top_p: z.number().optional() }
const conversation = {
  messages: z.array(jsonObject),
  response_format: jsonObject.optional(),
  tools: nullable(z.array(jsonObject)),
  tool_choice: z.union([z.string(), jsonObject]).optional(),
  presence_penalty: z.number().optional(),
  frequency_penalty: z.number().optional(),
  n: nullable(z.int().min(1)),
  prediction: jsonObject.optional(),
  parallel_tool_calls: z.boolean().optional(),
  prompt_mode: nullable(z.string()),
  reasoning_effort: z.string().optional(),
  prompt_cache_key: nullable(z.string()),
}

const usage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int().optional(),
  total_tokens: z.int(),
})
const completion = z.looseObject({
  id: z.string(),
  object: z.string(),
  created: z.int(),
  model: z.string(),
  choices: z.array(z.looseObject({ index: z.int(), message: jsonObject, finish_reason: z.string() })),
  usage,
})
const completionChunk = z.looseObject({
  id: z.string(),
  model: z.string(),
  choices: z.array(
    z.looseObject({ index: z.int(), delta: jsonObject, finish_reason: z.string().nullable() }),
  ),
})
const results = z.looseObject({ id: z.string(), model: z.string(), results: z.array(jsonObject) })
const model = z.looseObject({ id: z.string(), object: z.string().optional() })

/**
 * What all calls have in common that are passed on to a model provider: bodies are described for the reader, but
 * neither checked nor changed. An answer that the provider gave, errors too, is the provider's; an error in our words
 * has one of the codes below.
 */
const passedOn = {
  tag: 'Gateway',
  access: 'ingest',
  errorShape: 'provider',
  status: 200,
  errors: ['PROVIDER_NOT_CONFIGURED', 'PROVIDER_UNREACHABLE', 'PROVIDER_TIMEOUT'],
} as const
const posted = {
  ...passedOn,
  method: 'POST',
  bodyLimit: BODY_LIMIT,
  errors: [...passedOn.errors, 'PAYLOAD_TOO_LARGE'],
} as const

export const completeChat = operation({
  ...posted,
  id: 'completeChat',
  path: '/v1/chat/completions',
  summary: 'Pass a chat on to a model, streaming or not, and keep it as an event',
  body: z.looseObject({
    model: z.string(),
    ...conversation,
    ...sampling,
    ...temperature,
    guardrails: nullable(z.array(jsonObject)),
    safe_prompt: z.boolean().optional(),
  }),
  response: completion,
  events: completionChunk,
})

export const completeAgent = operation({
  ...posted,
  id: 'completeAgent',
  path: '/v1/agents/completions',
  summary: "Pass a chat on to one of the provider's agents, and keep it as an event",
  body: z.looseObject({ agent_id: z.string(), ...conversation, ...sampling }),
  response: completion,
  events: completionChunk,
})

export const completeFim = operation({
  ...posted,
  id: 'completeFim',
  path: '/v1/fim/completions',
  summary: 'Have a model fill in the middle of a text, and keep it as an event',
  body: z.looseObject({
    model: z.string(),
    prompt: z.string(),
    suffix: nullable(z.string()),
    min_tokens: nullable(z.int().min(0)),
    prompt_cache_key: nullable(z.string()),
    ...sampling,
    ...temperature,
  }),
  response: completion,
  events: completionChunk,
})

export const embed = operation({
  ...posted,
  id: 'embed',
  path: '/v1/embeddings',
  summary: 'Pass texts on to a model that turns them into vectors',
  body: z.looseObject({
    model: z.string(),
    input: z.union([z.string(), z.array(z.string())]),
    metadata: nullable(jsonObject),
    output_dimension: nullable(z.int().positive()),
    output_dtype: z.string().optional(),
    encoding_format: z.string().optional(),
  }),
  response: z.looseObject({
    id: z.string(),
    object: z.string(),
    model: z.string(),
    data: z.array(jsonObject),
    usage,
  }),
})

const judged = { model: z.string(), input: z.unknown() }

export const moderate = operation({
  ...posted,
  id: 'moderate',
  path: '/v1/moderations',
  summary: 'Pass texts on to a moderation model',
  body: z.looseObject(judged),
  response: results,
})

export const moderateChat = operation({
  ...posted,
  id: 'moderateChat',
  path: '/v1/chat/moderations',
  summary: 'Pass conversations on to a moderation model',
  body: z.looseObject(judged),
  response: results,
})

export const classify = operation({
  ...posted,
  id: 'classify',
  path: '/v1/classifications',
  summary: 'Pass texts on to a classification model',
  body: z.looseObject(judged),
  response: results,
})

export const classifyChat = operation({
  ...posted,
  id: 'classifyChat',
  path: '/v1/chat/classifications',
  summary: 'Pass conversations on to a classification model',
  body: z.looseObject(judged),
  response: results,
})

export const readDocument = operation({
  ...posted,
  id: 'readDocument',
  path: '/v1/ocr',
  summary: 'Pass a document on to a model that reads it',
  body: z.looseObject({ model: z.string().nullable(), document: jsonObject }),
  response: z.looseObject({ pages: z.array(jsonObject), model: z.string(), usage_info: jsonObject }),
})

export const transcribe = operation({
  ...posted,
  id: 'transcribe',
  path: '/v1/audio/transcriptions',
  summary: 'Pass speech on to a model that writes it down',
  consumes: ['multipart/form-data'],
  produces: ['application/json', 'text/event-stream'],
})

export const listModels = operation({
  ...passedOn,
  id: 'listModels',
  method: 'GET',
  path: '/v1/models',
  summary: "List the provider's models; of several providers, those whose calls would go to each",
  query: z.object({ provider: nullable(z.string()), model: nullable(z.string()) }),
  response: z.looseObject({ object: z.string().optional(), data: z.array(model).optional() }),
})

export const retrieveModel = operation({
  ...passedOn,
  id: 'retrieveModel',
  method: 'GET',
  path: '/v1/models/{model_id}',
  summary: "The provider's description of a model",
  params: z.object({ model_id: z.string() }),
  response: model,
})

export const deleteModel = operation({
  tag: 'Gateway',
  access: 'administer',
  errorShape: 'provider',
  id: 'deleteModel',
  method: 'DELETE',
  path: '/v1/models/{model_id}',
  summary: 'Not offered here: answers FEATURE_NOT_SUPPORTED',
  params: z.object({ model_id: z.string() }),
  status: 200,
  response: z.looseObject({ id: z.string(), object: z.string().optional(), deleted: z.boolean().optional() }),
  errors: ['FEATURE_NOT_SUPPORTED'],
})
