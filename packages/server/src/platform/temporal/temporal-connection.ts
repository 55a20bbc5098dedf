import { setTimeout as delay } from 'node:timers/promises'
import {
  Connection,
  type ConnectionOptions,
  isRetryableError,
  makeGrpcRetryInterceptor,
  type OperatorService,
  type WorkflowService,
} from '@temporalio/client'
import type { TemporalTls } from '../../config/temporal-settings.ts'

/** Where a Temporal is, and how one gets in. */
export interface TemporalEndpoint {
  /** `host:port` of its frontend. */
  readonly address: string
  readonly tls: TemporalTls | null
  readonly apiKey: string | null
}

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number]

/** What a call has when nobody says otherwise. */
const CALL_MS = 10_000
/** Tries at 50, 100, 200 … 1000 ms: enough for a frontend that changes hands, not for one that is gone. */
const TRIES = 7
const RETRY_SLACK_MS = 50

/** No call hangs: what sets no deadline of its own gets one here. */
const withDefaultDeadline: Interceptor = (options, nextCall) =>
  nextCall({ ...options, deadline: options.deadline ?? Date.now() + CALL_MS }) as ReturnType<Interceptor>

/**
 * A connection to Temporal's frontend that mends itself: it connects with the first call, and again within a second
 * of Temporal being back. Calls that could not be made are tried again for about two seconds.
 */
export class TemporalConnection {
  readonly endpoint: TemporalEndpoint
  readonly #connection: Connection
  #closing = false
  #lastRetryAt = 0

  constructor(endpoint: TemporalEndpoint) {
    this.endpoint = endpoint
    const { address, tls, apiKey } = endpoint
    this.#connection = Connection.lazy({
      address,
      apiKey: apiKey ?? undefined,
      // Not null: with a key, that would mean TLS.
      tls: tls !== null && {
        serverRootCACertificate: tls.ca ?? undefined,
        clientCertPair: tls.client ? { crt: tls.client.cert, key: tls.client.key } : undefined,
      },
      channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 },
      interceptors: [
        withDefaultDeadline,
        makeGrpcRetryInterceptor({
          retryableDecider: (attempt, status) =>
            !this.#closing && attempt < TRIES && isRetryableError(status),
          delayFunction: (attempt) => {
            const wait = Math.min(1_000, 25 * 2 ** attempt)
            this.#lastRetryAt = Math.max(this.#lastRetryAt, Date.now() + wait)
            return wait
          },
        }),
      ],
    })
  }

  /** The calls of Temporal's own API, each within 10 s unless `withDeadline` says otherwise. */
  get workflowService(): WorkflowService {
    return this.#connection.workflowService
  }

  /** The calls of those who run a Temporal: search attributes. */
  get operatorService(): OperatorService {
    return this.#connection.operatorService
  }

  /** Whether the frontend says of itself that it serves. */
  get healthService(): Connection['healthService'] {
    return this.#connection.healthService
  }

  /** Gives the calls that `work` makes this long. */
  withDeadline<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
    return this.#connection.withDeadline(Date.now() + milliseconds, work)
  }

  /** Breaks off the calls that `work` makes when the signal fires. */
  withAbortSignal<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.#connection.withAbortSignal(signal, work)
  }

  /** Calls that are under way fail. */
  async close(): Promise<void> {
    this.#closing = true
    // A call that waits for its next try must find the channel open: on a closed one it throws where nobody can catch it.
    const wait = this.#lastRetryAt - Date.now()
    if (wait > -RETRY_SLACK_MS) await delay(wait + RETRY_SLACK_MS)
    await this.#connection.close()
  }
}
