import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
  type Settings,
} from 'node:http2'
import { type AddressInfo, isIP, type Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Config } from '../../../config/config.ts'
import { WORKER_TLS } from '../../../config/temporal-settings.ts'
import { type CertifiedKey, readCertifiedKey } from '../../../config/tls-files.ts'
import { addressRefused } from '../../http/listen.ts'

/** Where workers connect. */
export interface WorkerAddress {
  /** `host:port`. */
  readonly address: string
  readonly tls: boolean
}

/** The port on which workers connect. */
export interface WorkerListener {
  readonly address: WorkerAddress
  connections(): number
  /** Takes no new connections and calls; `now` breaks off what is left and resolves when all is closed. */
  close(): { now(): Promise<void> }
}

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, onKnown: () => void) => void

/** What the port takes at most. */
export interface ListenerLimits {
  readonly connections: number
  /** Connections on which no key was good yet; the oldest gives way, so that nobody without a key keeps others out. */
  readonly strangers: number
  /** How long such a connection stays: a worker's first call follows its connection at once. */
  readonly strangerMs: number
  /** How often it is looked whether the certificate was renewed. */
  readonly renewalMs: number
}

const LIMITS: ListenerLimits = {
  connections: 5_000,
  strangers: 200,
  strangerMs: 30_000,
  renewalMs: 60_000,
}
const HANDSHAKE_MS = 10_000
const TCP_KEEPALIVE_MS = 60_000

const OPTIONS: ServerOptions = {
  maxSessionMemory: 64,
  // Little can be sent on a connection before a key was good.
  settings: { maxConcurrentStreams: 100, initialWindowSize: 65_535, maxHeaderListSize: 16_384 },
}
/** What holds on a connection from the first good key on. */
const KNOWN: Settings = {
  maxConcurrentStreams: 1_000,
  initialWindowSize: 1_048_576,
  maxHeaderListSize: 16_384,
}

/**
 * Listens for workers. Nothing is ended for being idle: a worker that waits for a task is silent for a minute and more.
 * @param onStream is given each call, and what to call when its key is good
 * @throws ConfigError if the address cannot be listened on, or the certificate does not fit its key
 */
export async function listenForWorkers(
  config: Config,
  logger: Logger,
  onStream: OnStream,
  limits: ListenerLimits = LIMITS,
): Promise<WorkerListener> {
  const { host, port, tls } = config.workers
  const keys = tls && readCertifiedKey(WORKER_TLS, tls)
  const server = keys
    ? createSecureServer({ ...OPTIONS, ...keys, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS })
    : createServer(OPTIONS)
  const sessions = new Set<ServerHttp2Session>()
  const strangers = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    if (sessions.size >= limits.connections) return session.destroy()
    sessions.add(session)
    strangers.add(session)
    const timer = setTimeout(() => {
      if (strangers.has(session)) session.destroy()
    }, limits.strangerMs)
    timer.unref()
    session.on('error', (error) => logger.debug({ err: error }, 'a connection of a worker broke'))
    session.once('close', () => {
      clearTimeout(timer)
      sessions.delete(session)
      strangers.delete(session)
    })
    if (strangers.size > limits.strangers) {
      const [oldest] = strangers
      oldest?.destroy()
    }
  })
  // A machine that is gone without a word is found out by this.
  server.on('connection', (socket: Socket) => socket.setKeepAlive(true, TCP_KEEPALIVE_MS))
  server.on('stream', (stream, headers) => {
    const { session } = stream
    onStream(stream, headers, () => {
      if (session && strangers.delete(session as ServerHttp2Session)) session.settings(KNOWN)
    })
  })
  await listen(server, host, port)
  const renewal =
    tls && keys
      ? setInterval(keyRenewal(server as Http2SecureServer, tls, keys, logger), limits.renewalMs)
      : undefined
  renewal?.unref()
  const bound = server.address() as AddressInfo
  return {
    address: { address: `${bracketed(advertisedHost(config, bound))}:${bound.port}`, tls: tls !== null },
    connections: () => sessions.size,
    close: () => {
      clearInterval(renewal)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions) session.close()
      return {
        now: () => {
          for (const session of sessions) session.destroy()
          return closed
        },
      }
    },
  }
}

/**
 * The name under which workers find this server: the address that it listens on, and for one that stands for all
 * addresses the name in the public URL, or that of the machine.
 */
function advertisedHost({ workers, http }: Config, bound: AddressInfo): string {
  if (workers.host === 'localhost' && workers.tls === null) return bound.address
  if (!/^(0\.0\.0\.0|::|\*)$/.test(workers.host)) return workers.host
  return http.publicUrl === null ? hostname() : new URL(http.publicUrl).hostname.replace(/^\[|\]$/g, '')
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}

async function listen(server: Http2Server | Http2SecureServer, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw addressRefused({ of: 'workers', host, port }, error)
  }
}

/** @returns what takes a renewed certificate into use for new connections */
function keyRenewal(
  server: Http2SecureServer,
  files: { certFile: string; keyFile: string },
  first: CertifiedKey,
  logger: Logger,
): () => void {
  let used = first
  let lastProblem = ''
  return () => {
    try {
      const keys = readCertifiedKey(WORKER_TLS, files)
      lastProblem = ''
      if (keys.cert.equals(used.cert) && keys.key.equals(used.key)) return
      server.setSecureContext(keys)
      used = keys
      logger.info('the certificate for workers was renewed')
    } catch (error) {
      const problem = (error as Error).message
      if (problem !== lastProblem)
        logger.warn({ err: error }, 'the certificate for workers stays: the new one cannot be used')
      lastProblem = problem
    }
  }
}
