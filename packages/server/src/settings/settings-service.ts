import type { ProviderTest } from '@tramontane/contract/settings'
import { type Config, decideConfig } from '../config/config.ts'
import type { Caller } from '../platform/http/auth.ts'
import { ApiError } from '../platform/http/errors.ts'
import type { ProviderConnections } from '../platform/models/provider-connections.ts'
import type { Providers } from '../platform/models/providers.ts'
import { type DescribedSetting, describeSettings } from './describe-settings.ts'
import { askForModels } from './provider-test.ts'

/** One thing that an examination found; see the contract's `examineServer`. */
export interface Finding {
  readonly subject: string
  readonly state: 'ok' | 'warning' | 'problem'
  readonly message: string
  readonly remedy?: string
}

interface Parts {
  readonly config: Config
  readonly publicUrl: () => string
  readonly providers: Providers
  readonly providerConnections: ProviderConnections
  readonly defaultWorkspace: () => string
  readonly examine: () => Promise<readonly Finding[]>
}

/** The server's own settings and state: they belong to the machine, so to the admins of its default workspace. */
export class SettingsService {
  readonly #parts: Parts
  #examination: Promise<readonly Finding[]> | undefined

  /** @param parts.examine looks over the installation */
  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws ApiError AUTH_FORBIDDEN */
  settings(caller: Caller): (DescribedSetting & { is_default: boolean })[] {
    this.#check(caller)
    const usual = new Map(
      describeSettings(decideConfig({}), '').map(({ variable, value }) => [variable, value]),
    )
    const { config, publicUrl } = this.#parts
    return describeSettings(config, publicUrl()).map((setting) => ({
      ...setting,
      is_default:
        setting.variable === 'TRAMONTANE_PUBLIC_URL'
          ? config.http.publicUrl === null
          : usual.get(setting.variable) === setting.value,
    }))
  }

  /** @throws ApiError AUTH_FORBIDDEN */
  providers(caller: Caller) {
    this.#check(caller)
    return this.#parts.providers.all.map(({ name, models, url, apiKey, timeoutSeconds, concurrency }) => ({
      name,
      models,
      url,
      has_key: apiKey !== null,
      timeout_seconds: timeoutSeconds,
      concurrency,
    }))
  }

  /** @throws ApiError AUTH_FORBIDDEN, PROVIDER_NOT_FOUND */
  async testProvider(caller: Caller, name: string): Promise<ProviderTest> {
    this.#check(caller)
    const provider = this.#parts.providers.all.find((one) => one.name === name)
    if (!provider)
      throw new ApiError('PROVIDER_NOT_FOUND', `No model provider has the name ${JSON.stringify(name)}.`)
    return askForModels(provider, this.#parts.providerConnections.of(provider))
  }

  /** Who asks while another examination is under way gets what that one finds. @throws ApiError AUTH_FORBIDDEN */
  async examine(caller: Caller): Promise<readonly Finding[]> {
    this.#check(caller)
    this.#examination ??= this.#parts.examine().finally(() => {
      this.#examination = undefined
    })
    return this.#examination
  }

  #check({ workspaceId }: Caller): void {
    if (workspaceId !== this.#parts.defaultWorkspace())
      throw new ApiError(
        'AUTH_FORBIDDEN',
        "Only an admin of the default workspace sees and tests the server's own settings.",
      )
  }
}
