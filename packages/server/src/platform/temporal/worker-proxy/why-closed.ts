import type { Config } from '../../../config/config.ts'
import { isLoopback } from '../../../config/temporal-settings.ts'

/** Why workers cannot connect with these settings, in a sentence; null if they can. */
export function whyClosed({ workers, temporal }: Config): string | null {
  if (temporal.kind === 'none') return 'There is no workflow engine.'
  if (workers.tls !== null || isLoopback(workers.host)) return null
  return `Workers cannot connect: keys would travel unencrypted to ${workers.host}. Set TRAMONTANE_WORKER_TLS_CERT and TRAMONTANE_WORKER_TLS_KEY, or TRAMONTANE_WORKER_HOST=127.0.0.1 for workers on this machine.`
}
