import { ready } from '@tramontane/contract/health'
import { examineServer } from '@tramontane/contract/settings'
import { isLoopback } from '@tramontane/server/config/temporal-settings'
import type { Finding } from '@tramontane/server/maintenance/finding'
import { ApiCallError, type ApiClient } from './api-client.ts'

/** What was found, and where it was looked. */
export interface Examination {
  /** For people: who looked, at what. */
  readonly heading: string
  readonly findings: readonly (Finding & { readonly source: 'server' | 'here' })[]
}

/** What the running server says; undefined where nobody answers. */
interface ServerAnswer {
  readonly findings: readonly Finding[]
  /** Whether it has looked over itself; else it is only known how it answers. */
  readonly isWhole: boolean
}

/**
 * Looks over an installation: the running server does it itself, since it alone knows with what it was started. Where it
 * does not answer, or may not tell, this machine is looked over by the settings of this environment.
 * @param options.isNamed whether somebody named the server, so that it has to be there
 * @param options.lookHere looks over this machine
 */
export async function examine(
  api: ApiClient,
  { isNamed, lookHere }: { isNamed: boolean; lookHere: () => Promise<readonly Finding[]> },
): Promise<Examination> {
  const answer = await askServer(api, isNamed)
  const ofServer = answer.findings.map((finding) => ({ ...finding, source: 'server' as const }))
  if (answer.isWhole)
    return { heading: `The server at ${api.url} has looked over itself:`, findings: ofServer }
  // Of a server on another machine nothing can be seen from here.
  if (isNamed && !isLoopback(new URL(api.url).hostname.replace(/^\[|\]$/g, '')))
    return { heading: `Asked the server at ${api.url}:`, findings: ofServer }
  const here = (await lookHere()).map((finding) => ({ ...finding, source: 'here' as const }))
  return {
    heading:
      ofServer.length > 0
        ? `Asked the server at ${api.url}, and looked over this machine by the settings of this environment, which may be others than the server's:`
        : `No server answers at ${api.url}. Looked over this machine by the settings of this environment:`,
    findings: [...ofServer, ...here],
  }
}

async function askServer(api: ApiClient, isNamed: boolean): Promise<ServerAnswer> {
  const health = await healthOf(api)
  if (health.status === 0) {
    const remedy = 'start it, or name another with --url or TRAMONTANE_URL'
    const silent = { subject: 'server', state: 'problem', message: health.message, remedy } as const
    return { isWhole: false, findings: isNamed ? [silent] : [] }
  }
  try {
    const { findings } = await api.call(examineServer, {})
    return {
      isWhole: true,
      findings: findings.map(({ remedy, ...finding }) =>
        remedy === null ? finding : { ...finding, remedy },
      ),
    }
  } catch (error) {
    if (!(error instanceof ApiCallError)) throw error
    const [message, remedy] =
      error.status === 401 || error.status === 403
        ? [
            'what it finds in itself it tells only an admin of its default workspace',
            'give such a key with --key or TRAMONTANE_API_KEY',
          ]
        : [`it cannot look over itself: ${error.message}`, 'see its log']
    const untold: Finding = { subject: 'server', state: 'warning', message, remedy }
    return { isWhole: false, findings: [health.finding, untold] }
  }
}

async function healthOf(api: ApiClient): Promise<{ status: number; message: string; finding: Finding }> {
  const subject = 'server'
  try {
    await api.call(ready, {})
    const message = `it answers at ${api.url} and is ready`
    return { status: 200, message, finding: { subject, state: 'ok', message } }
  } catch (error) {
    if (!(error instanceof ApiCallError)) throw error
    const { message, status } = error
    const said = status === 503 ? `it answers at ${api.url}, but is not ready: ${message}` : message
    const remedy = status === 503 ? 'see its log' : 'name the server with --url or TRAMONTANE_URL'
    return { status, message, finding: { subject, state: 'problem', message: said, remedy } }
  }
}
