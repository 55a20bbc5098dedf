import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import { ApiError } from '../../platform/http/errors.ts'
import { type HeldAnswer, HeldBody, HeldStream } from './held-answer.ts'
import { headersForCaller, PRINTABLE } from './passed-headers.ts'

/** What watches a call go by, and keeps it when it has ended. */
export interface Witness {
  /** The provider has begun to answer. */
  answered(status: number, contentType: string, encoding: string | undefined): void
  /** Bytes of the answer, after they were passed on or held. */
  take(chunk: Buffer): void
  /** The answer is complete. The last of its bytes are released when this resolves; it must not reject. */
  completed(): Promise<void>
  /** The provider could not be reached, or broke off; resolves when that is kept. */
  failed(error: string): Promise<void>
  /** The caller hung up before the answer was complete. */
  cancelled(): void
}

/**
 * Passes one answer on, byte for byte: what comes flows at once, as fast as the caller takes it, except for its end,
 * which waits for the witness. A caller that hangs up ends the call to the provider.
 */
export class Relay implements Dispatcher.DispatchHandler {
  /** Resolves when the answer has been passed on or the caller has gone; rejects with what to answer instead. */
  readonly done: Promise<void>
  readonly #reply: FastifyReply
  readonly #response: ServerResponse
  readonly #provider: string
  readonly #headers: OutgoingHttpHeaders
  readonly #witness: Witness | undefined
  #resolve!: () => void
  #reject!: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #held: HeldAnswer | undefined
  #completion: Promise<void> | undefined
  #hasEnded = false
  #hasHungUp = false

  /** @param options.headers are added to the provider's, also to errors of ours */
  constructor(
    reply: FastifyReply,
    options: { provider: string; headers: OutgoingHttpHeaders; witness?: Witness | undefined },
  ) {
    this.#reply = reply
    this.#response = reply.raw
    this.#provider = options.provider
    this.#headers = options.headers
    this.#witness = options.witness
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    if (this.#response.destroyed) this.#closed()
    else this.#response.once('close', () => this.#closed())
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#hasHungUp) controller.abort(new Error('the caller hung up'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    if (status < 200 || this.#hasHungUp) return
    const contentType = String(headers['content-type'] ?? '').toLowerCase()
    const isStream = contentType.startsWith('text/event-stream')
    const encoding = headers['content-encoding']
    this.#witness?.answered(status, contentType, encoding)
    this.#held = isStream && encoding === undefined ? new HeldStream() : new HeldBody()
    this.#reply.hijack()
    const passed = { ...headersForCaller(headers), ...this.#headers }
    if (statusMessage && PRINTABLE.test(statusMessage))
      this.#response.writeHead(status, statusMessage, passed)
    else this.#response.writeHead(status, passed)
    // With the first bytes, if they are there already, in one packet; else alone.
    if (isStream) process.nextTick(() => this.#response.flushHeaders())
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const held = this.#held
    if (!held || this.#hasHungUp) return
    this.#write(this.#witness ? held.pass(chunk) : chunk)
    if (!this.#completion) this.#witness?.take(chunk)
    if (held.isComplete && !this.#completion) {
      // Some providers say that they are done, and end the answer later or never.
      this.#completion = this.#complete()
      void this.#completion.then(() => {
        if (!this.#hasEnded) this.#write(held.release())
      })
    }
  }

  onResponseEnd(): void {
    if (this.#hasHungUp) return
    this.#hasEnded = true
    this.#completion ??= this.#complete()
    void this.#completion.then(() => this.#response.end(this.#held?.release()))
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#hasHungUp) return
    if (this.#completion) {
      void this.#completion.then(() => this.#response.destroy())
      return
    }
    const apiError = toApiError(error, this.#provider)
    const kept = this.#witness?.failed(apiError.message) ?? Promise.resolve()
    this.#completion = kept
    void kept.then(() => {
      // Once the head is out, breaking off like the provider did is the only honest answer.
      if (this.#response.headersSent) this.#response.destroy()
      else this.#reject(apiError)
    })
  }

  #write(bytes: Buffer | undefined): void {
    if (bytes === undefined || bytes.length === 0 || this.#response.destroyed) return
    if (this.#response.write(bytes)) return
    this.#controller?.pause()
    this.#response.once('drain', () => this.#controller?.resume())
  }

  #complete(): Promise<void> {
    return this.#witness?.completed() ?? Promise.resolve()
  }

  #closed(): void {
    if (!this.#response.writableFinished && !this.#completion) {
      this.#hasHungUp = true
      if (!this.#reply.sent) this.#reply.hijack()
      this.#witness?.cancelled()
    }
    if (!this.#response.writableFinished) this.#controller?.abort(new Error('the caller hung up'))
    this.#resolve()
  }
}

/** What a caller is told when there is no answer of the provider's to pass on. */
export function toApiError(error: Error, provider: string): ApiError {
  const code = String((error as { code?: unknown }).code ?? '')
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new ApiError(
      'PROVIDER_TIMEOUT',
      `The model provider ${provider} did not answer within its time limit (timeout_seconds of the providers file).`,
      { cause: error },
    )
  const reason = code === '' ? error.message : `${code}: ${error.message}`
  return new ApiError('PROVIDER_UNREACHABLE', `The model provider ${provider} cannot be reached: ${reason}`, {
    cause: error,
  })
}
