import { parseExact } from '../api/exact-json.ts'

/** A message as models and users write it: OpenAI's shape, Mistral's, or something near them. Nothing of it is trusted. */
export type RawMessage = Readonly<Record<string, unknown>>

/** A tool call of an assistant's message. */
export interface ToolCall {
  readonly id: string | null
  readonly name: string
  /** Pretty JSON if it is any, else the text as it came. */
  readonly arguments: string
}

/** A piece of what a message says. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** What a model thought before it answered. */
  | { readonly kind: 'thinking'; readonly text: string }
  /** An image that the page itself holds; `url` is a data URL of an image. */
  | { readonly kind: 'image'; readonly url: string }
  /** Something that is named but not shown: an image elsewhere, audio, a document, a file. */
  | { readonly kind: 'reference'; readonly label: string; readonly text: string }
  /** A part of a form that is unknown here, as JSON. */
  | { readonly kind: 'other'; readonly label: string; readonly json: string }

/** A message, taken apart for showing. */
export interface ShownMessage {
  readonly role: string
  /** Who speaks, if the message names it: a function, a participant. */
  readonly name: string | null
  readonly parts: readonly Part[]
  readonly toolCalls: readonly ToolCall[]
  /** Which call a tool's message answers. */
  readonly toolCallId: string | null
}

const DATA_IMAGE = /^data:image\/(png|jpe?g|gif|webp|avif|bmp);base64,[a-z0-9+/=\s]+$/i
const LONG_URL = 200

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

/** JSON with indentation; text that is no JSON stays as it is. */
export function prettyJson(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2) ?? ''
  try {
    // What cannot be read without rounding it stays as it is, too.
    const parsed = parseExact(value)
    return typeof parsed === 'object' && parsed !== null ? JSON.stringify(parsed, null, 2) : value
  } catch {
    return value
  }
}

/** Only an image that came along is shown: asking for one elsewhere would tell its host who reads. */
function imagePart(url: string): Part {
  if (DATA_IMAGE.test(url)) return { kind: 'image', url }
  const text = url.length > LONG_URL ? `${url.slice(0, LONG_URL)}…` : url
  return { kind: 'reference', label: 'Image, not loaded', text }
}

/** The text of chunks such as those of a `thinking` part. */
function chunksText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return null
  const texts = value.map((chunk) => textOf(chunk) ?? textOf(objectOf(chunk)?.text))
  return texts.every((text) => text !== null) ? texts.join('') : null
}

function urlIn(value: unknown): string | null {
  return textOf(value) ?? textOf(objectOf(value)?.url)
}

function toPart(chunk: unknown): Part {
  if (typeof chunk === 'string') return { kind: 'text', text: chunk }
  const object = objectOf(chunk)
  if (!object) return { kind: 'other', label: 'content', json: prettyJson(chunk) }
  const type = textOf(object.type) ?? 'content'
  const text = textOf(object.text)
  if (text !== null && /^(text|input_text|output_text|content)$/.test(type)) return { kind: 'text', text }
  const image = urlIn(object.image_url)
  if (image !== null) return imagePart(image)
  const thinking = chunksText(object.thinking) ?? (type === 'reasoning' ? text : null)
  if (thinking !== null) return { kind: 'thinking', text: thinking }
  const refusal = textOf(object.refusal)
  if (refusal !== null) return { kind: 'text', text: refusal }
  const document = urlIn(object.document_url) ?? textOf(object.file_id)
  if (document !== null && !document.startsWith('data:'))
    return {
      kind: 'reference',
      label: textOf(object.document_name) ?? type.replaceAll('_', ' '),
      text: document,
    }
  if (type === 'input_audio') return { kind: 'reference', label: 'Audio', text: 'is not played here' }
  return { kind: 'other', label: type, json: prettyJson(chunk) }
}

function partsOf(content: unknown): Part[] {
  if (content === null || content === undefined || content === '') return []
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  if (Array.isArray(content)) return content.map(toPart)
  return [toPart(content)]
}

function toolCallsOf(message: RawMessage): ToolCall[] {
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : []
  // The older form of OpenAI, with one call.
  const all = objectOf(message.function_call) ? [...calls, { function: message.function_call }] : calls
  return all.map((call) => {
    const object = objectOf(call) ?? {}
    const called = objectOf(object.function) ?? object
    return {
      id: textOf(object.id),
      name: textOf(called.name) ?? 'unnamed',
      arguments: prettyJson(called.arguments ?? ''),
    }
  })
}

/** Takes a message apart; whatever is in it, something is shown of it. */
export function toShownMessage(message: RawMessage): ShownMessage {
  const reasoning = textOf(message.reasoning_content) ?? textOf(message.reasoning)
  const refusal = textOf(message.refusal)
  const parts = partsOf(message.content)
  const role = textOf(message.role) ?? textOf(message.type) ?? 'message'
  const shown: Part[] = [
    ...(reasoning ? [{ kind: 'thinking', text: reasoning } as const] : []),
    ...(role === 'tool' ? parts.map(asData) : parts),
    ...(refusal ? [{ kind: 'text', text: refusal } as const] : []),
  ]
  const toolCalls = toolCallsOf(message)
  const isUnknown =
    shown.length === 0 && toolCalls.length === 0 && !Object.hasOwn(message, 'content') && !reasoning
  return {
    role,
    name: textOf(message.name),
    parts: isUnknown ? [{ kind: 'other', label: role, json: prettyJson(message) }] : shown,
    toolCalls,
    toolCallId: textOf(message.tool_call_id),
  }
}

/** What tools answer is JSON more often than not. */
function asData(part: Part): Part {
  if (part.kind !== 'text') return part
  const pretty = prettyJson(part.text)
  return pretty === part.text ? part : { kind: 'other', label: 'result', json: pretty }
}

/** A stretch of text: words, or code between fences. */
export type Block =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'code'; readonly language: string; readonly code: string }

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^\n]*$/

/** Takes a text apart at its fences of code. A fence that is not closed goes to the end, as it does while text streams in. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let words: string[] = []
  let code: { fence: string; language: string; lines: string[] } | undefined
  const endWords = () => {
    const joined = words.join('\n').replace(/^\n+|\n+$/g, '')
    if (joined !== '') blocks.push({ kind: 'words', text: joined })
    words = []
  }
  const endCode = () => {
    if (code) blocks.push({ kind: 'code', language: code.language, code: code.lines.join('\n') })
    code = undefined
  }
  for (const line of text.split('\n')) {
    const [, fence, language = ''] = FENCE.exec(line) ?? []
    if (code) {
      if (fence?.startsWith(code.fence) && language === '') endCode()
      else code.lines.push(line)
    } else if (fence) {
      endWords()
      code = { fence, language, lines: [] }
    } else words.push(line)
  }
  endCode()
  endWords()
  return blocks
}
