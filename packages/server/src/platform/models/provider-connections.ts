import { Agent } from 'undici'
import type { ProviderSettings } from '../../config/providers-file.ts'

const CONNECT_TIMEOUT_MS = 10_000

/** Keep-alive connections to the model providers, shared by the gateway, judges and conversations. */
export class ProviderConnections {
  readonly #agents = new Map<ProviderSettings, Agent>()

  /** The connections to a provider. Nothing is ever sent twice: a call is not known to be harmless when repeated. */
  of(provider: ProviderSettings): Agent {
    let agent = this.#agents.get(provider)
    if (!agent) {
      const timeout = provider.timeoutSeconds * 1_000
      agent = new Agent({
        headersTimeout: timeout,
        bodyTimeout: timeout,
        connect: { timeout: Math.min(timeout, CONNECT_TIMEOUT_MS) },
        allowH2: false,
        maxHeaderSize: 64 * 1024,
      })
      this.#agents.set(provider, agent)
    }
    return agent
  }

  /** Waits for the calls under way, then closes every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()))
  }
}
