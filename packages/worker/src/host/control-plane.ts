import { setTimeout as sleep } from 'node:timers/promises'
import type { getWorkerInfo, registerWorkflows } from '@tramontane/contract/workers'
import type { z } from 'zod'
import type { SentEvent } from '../run-events.ts'
import type { RunRegistration } from '../sandbox/run-report.ts'
import { WorkerError } from './worker-error.ts'
import type { WorkerSettings } from './worker-settings.ts'

export type WorkerInfo = z.output<typeof getWorkerInfo.response>
export type Registered = z.output<typeof registerWorkflows.response>
export type WorkflowSpecs = z.input<typeof registerWorkflows.body>

/** The server refused, or was not there. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  /** 0 if there was no answer. */
  readonly status: number
  /** The machine's word for what is wrong. */
  readonly code: string | undefined

  constructor(message: string, status: number, code?: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
  }

  /** Whether the same request may succeed a little later. */
  get isPassing(): boolean {
    return this.status === 0 || [408, 429, 500, 502, 503, 504].includes(this.status)
  }
}

const REQUEST_TIMEOUT_MS = 10_000

/** What workers say to the server, and what it tells them. Every call has a deadline, and throws ServerError. */
export class ControlPlane {
  readonly #settings: WorkerSettings

  constructor(settings: WorkerSettings) {
    this.#settings = settings
  }

  /** Where Temporal is, and whose namespace is ours there. */
  whoami(signal?: AbortSignal): Promise<WorkerInfo> {
    return this.#send('GET', '/v1/workflows/workers/whoami', undefined, signal)
  }

  register(specs: WorkflowSpecs, signal?: AbortSignal): Promise<Registered> {
    return this.#send('POST', '/v1/workflows/register', specs, signal)
  }

  async heartbeat(refs: Registered['workflow_registration_refs'], signal: AbortSignal): Promise<void> {
    await this.#send(
      'POST',
      '/v1/workflows/workers/heartbeat',
      {
        workflow_registration_refs: refs,
        deployment_name: this.#settings.deploymentName,
        worker_name: this.#settings.workerName,
      },
      signal,
    )
  }

  async registerRun(
    run: RunRegistration & {
      temporal_workflow_id: string
      temporal_run_id: string
      workflow_name: string
      task_queue: string
      execution_token_hash: string
    },
  ): Promise<void> {
    await this.#send('POST', '/v1/workflows/executions/register', run)
  }

  /** Sets some of a run's search keys. */
  async setSearchKeys(executionId: string, runId: string, keys: Record<string, string>): Promise<void> {
    const path = `/v1/workflows/executions/search_keys/${encodeURIComponent(executionId)}`
    await this.#send('PATCH', path, { search_key_metadata: keys, temporal_run_id: runId })
  }

  async deleteSearchKeys(executionId: string, runId: string, keys: readonly string[]): Promise<void> {
    const path = `/v1/workflows/executions/search_keys/${encodeURIComponent(executionId)}`
    await this.#send('DELETE', path, { keys, temporal_run_id: runId })
  }

  /** @returns what the server had to say against some of the events, which it left out */
  async sendEvents(events: readonly SentEvent[]): Promise<string | undefined> {
    const answer = await this.#send<{ status: string; message?: string }>(
      'POST',
      '/v1/workflows/events/batch',
      { events },
    )
    return answer.status === 'error' ? (answer.message ?? 'some events were refused') : undefined
  }

  async #send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const { serverUrl, apiKey } = this.#settings
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    let response: Response
    let text: string
    try {
      response = await fetch(serverUrl + path, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          'user-agent': 'tramontane-worker',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      })
      text = await response.text()
    } catch (cause) {
      signal?.throwIfAborted()
      throw new ServerError(`${serverUrl} does not answer (${reason(cause)})`, 0, undefined, { cause })
    }
    const answer = parse(text)
    if (!response.ok) {
      const { detail, code } = (answer ?? {}) as { detail?: { message?: unknown }; code?: string }
      const said = detail?.message ?? detail
      const words = typeof said === 'string' ? said : text.slice(0, 500)
      throw new ServerError(`${words || response.statusText} (${response.status})`, response.status, code)
    }
    return answer as T
  }
}

/**
 * Calls until it succeeds, as long as what stands against it may pass: a server that is starting, or that still builds its
 * Temporal.
 * @param options.waitMs for how long a server that is not there is waited for; one that says that it gets ready may take its time
 * @throws WorkerError for what will not pass
 */
export async function whenServerIsReady<T>(
  call: () => Promise<T>,
  options: { waitMs: number; signal: AbortSignal; onWait(why: string): void },
): Promise<T> {
  const end = Date.now() + options.waitMs
  for (let attempt = 0; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      options.signal.throwIfAborted()
      if (!(error instanceof ServerError)) throw error
      const isGettingReady = error.code === 'TEMPORAL_UNAVAILABLE'
      if (!error.isPassing || (!isGettingReady && Date.now() > end)) throw refusal(error)
      if (attempt % 10 === 0) options.onWait(error.message)
      await sleep(Math.min(250 * 2 ** attempt, 5_000), undefined, { signal: options.signal })
    }
  }
}

/** What stands against a worker, and what to do about it. */
export function refusal(error: ServerError): WorkerError {
  const cause = { cause: error }
  if (error.status === 401)
    return new WorkerError(
      `The server does not know this key. Check MISTRAL_API_KEY, and that SERVER_URL names the server it is for: ${error.message}`,
      cause,
    )
  if (error.status === 403)
    return new WorkerError(
      `This key may not run workers. Make one that may in the studio, under Settings, or with \`keys create worker --role worker\` of the command line of the server: ${error.message}`,
      cause,
    )
  if (error.status === 404)
    return new WorkerError(
      `What is at SERVER_URL knows nothing of workers. Check the address, which has no /v1 at its end, and that the server is Tramontane: ${error.message}`,
      cause,
    )
  if (error.status === 0)
    return new WorkerError(`${error.message}. Start the server, or set SERVER_URL to where it is.`, cause)
  return new WorkerError(`The server refused: ${error.message}`, cause)
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer in time'
  const cause = error.cause as { code?: string; message?: string } | undefined
  if (cause?.message?.includes('does not match the HTTP/1.1 protocol'))
    return 'what listens there speaks no HTTP: is it the port for workers?'
  if (cause?.code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return 'what listens there speaks no TLS: does the address begin with http://?'
  return cause?.code ?? cause?.message ?? error.message
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
