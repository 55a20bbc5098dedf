import { type IncomingMessage, request } from 'node:http'
import { eventually } from './eventually.ts'

/** A frame of server-sent events, as a reader gets it. */
export interface Frame {
  readonly id: string | undefined
  readonly event: string | undefined
  /** Parsed JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into frames freely and assert what they find
  readonly data: any
}

function parseFrame(block: string): Frame | undefined {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart())
  }
  const data = fields.get('data')
  if (data === undefined) return undefined
  return { id: fields.get('id'), event: fields.get('event'), data: JSON.parse(data) }
}

/** Reads a stream of server-sent events, and can leave off reading without hanging up. */
export class StreamReader {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly frames: Frame[] = []
  /** Lines that are only there to be sent. */
  comments = 0
  /** Whether the server has ended the answer. */
  isEnded = false
  readonly #response: IncomingMessage
  #rest = ''

  private constructor(response: IncomingMessage) {
    this.status = response.statusCode!
    this.headers = response.headers
    this.#response = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => this.#take(text))
    response.on('end', () => {
      this.isEnded = true
    })
    // An answer that breaks off has no frame more; tests look at what came.
    response.on('error', () => {
      this.isEnded = true
    })
  }

  /** Opens a stream; resolves when the head of the answer is there. */
  static open(
    url: string,
    { key, headers = {} }: { key: string; headers?: Record<string, string> },
  ): Promise<StreamReader> {
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        { headers: { authorization: `Bearer ${key}`, ...headers }, agent: false },
        (response) => resolve(new StreamReader(response)),
      )
      sent.on('error', reject)
      sent.end()
    })
  }

  /** The `broker_sequence` of each event so far. */
  get sequences(): number[] {
    return this.frames.filter(({ event }) => event !== 'error').map(({ data }) => data.broker_sequence)
  }

  /** The error frame, if there was one. */
  get error(): Frame['data'] | undefined {
    return this.frames.find(({ event }) => event === 'error')?.data
  }

  /** Waits until there are so many frames. */
  async has(count: number, timeoutMs?: number): Promise<readonly Frame[]> {
    await eventually(() => this.frames.length >= count, timeoutMs === undefined ? {} : { timeoutMs })
    return this.frames
  }

  /** Waits until the server has ended the answer. */
  async ends(timeoutMs?: number): Promise<void> {
    await eventually(() => this.isEnded, timeoutMs === undefined ? {} : { timeoutMs })
  }

  pause(): void {
    this.#response.pause()
  }

  resume(): void {
    this.#response.resume()
  }

  /** Hangs up. */
  close(): void {
    this.#response.destroy()
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop()!
    for (const block of blocks) {
      const frame = parseFrame(block)
      if (frame) this.frames.push(frame)
      else this.comments++
    }
  }
}
