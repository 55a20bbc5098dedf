import { counted } from './platform/amounts.ts'
import type { Server } from './server.ts'

const LOOPBACK = /^(127\.|localhost$|::1$)/

/** What the terminal shows after the start: the address, the key if it was just made, what is configured and what is not. */
export function startMessage(server: Server): string {
  const { url, newKey, loginLink, config, workers } = server
  const lines = ['', `  Tramontane is ready at ${config.http.publicUrl ?? url}`, '']
  if (newKey) lines.push(`  Admin key (shown once, keep it): ${newKey}`, '')
  if (loginLink) lines.push(`  Log in (once, within 15 minutes): ${loginLink}`, '')
  lines.push(`  data       ${config.dataDir}`)
  lines.push(
    `  database   ${config.database.kind === 'managed' ? 'managed PostgreSQL in the data directory' : 'external (TRAMONTANE_DATABASE_URL)'}`,
  )
  lines.push(
    config.providers.length > 0
      ? `  providers  ${config.providers.map(({ models, url }) => `${models} → ${url}`).join(', ')}`
      : '  providers  none: the gateway and judges answer an error until TRAMONTANE_PROVIDER_URL is set',
  )
  lines.push(`  workflows  ${engine(server)}`)
  if (workers.address)
    lines.push(`  workers    ${workers.address.address}${workers.address.tls ? ' (TLS)' : ''}`)
  else if (config.temporal.kind !== 'none') lines.push(`  workers    ${workers.closed}`)
  lines.push(
    `  retention  ${config.retentionDays === null ? 'events are kept for ever (TRAMONTANE_RETENTION_DAYS)' : counted(config.retentionDays, 'day')}`,
  )
  if (!LOOPBACK.test(config.http.host) && !config.http.publicUrl?.startsWith('https:')) {
    lines.push(
      '',
      '  Other machines can reach this server, and keys would travel unencrypted: put a reverse proxy with TLS in',
      '  front of it and set TRAMONTANE_PUBLIC_URL to its https address (docs/production.md).',
    )
  }
  lines.push('')
  return `${lines.join('\n')}\n`
}

function engine({ config: { temporal }, engineUnavailable }: Server): string {
  if (temporal.kind === 'none') return `none: ${engineUnavailable}`
  const where =
    temporal.kind === 'external'
      ? `Temporal at ${temporal.address}`
      : 'managed Temporal, in the data directory and the managed PostgreSQL'
  // It is there a moment after the server is; the log tells of a longer wait.
  return engineUnavailable === null || /is starting;|is being made;/.test(engineUnavailable)
    ? where
    : `${where}: ${engineUnavailable}`
}
