import type { ProviderSettings } from '../../config/providers-file.ts'
import { ApiError } from '../http/errors.ts'

function toPattern(models: string): RegExp {
  return new RegExp(`^${models.split('*').map(RegExp.escape).join('.*')}$`, 's')
}

/** The configured model providers, by model name. */
export class Providers {
  readonly #providers: readonly { settings: ProviderSettings; pattern: RegExp }[]

  constructor(settings: readonly ProviderSettings[]) {
    this.#providers = settings.map((provider) => ({
      settings: provider,
      pattern: toPattern(provider.models),
    }))
  }

  get all(): readonly ProviderSettings[] {
    return this.#providers.map(({ settings }) => settings)
  }

  /**
   * The first provider whose pattern fits the model.
   * @throws ApiError PROVIDER_NOT_CONFIGURED naming the setting
   */
  forModel(model: string): ProviderSettings {
    const found = this.#providers.find(({ pattern }) => pattern.test(model))
    if (found) return found.settings
    throw new ApiError(
      'PROVIDER_NOT_CONFIGURED',
      this.#providers.length === 0
        ? 'No model provider is configured: set TRAMONTANE_PROVIDER_URL (and TRAMONTANE_PROVIDER_API_KEY) and start the server again.'
        : `No configured provider answers for the model ${JSON.stringify(model.slice(0, 200))}: add it to the file of TRAMONTANE_PROVIDERS_FILE, or set TRAMONTANE_PROVIDER_URL as the one for all others.`,
    )
  }

  /**
   * The provider of calls that name no model: the one for all models, else the first.
   * @throws ApiError PROVIDER_NOT_CONFIGURED naming the setting
   */
  forNoModel(): ProviderSettings {
    const found = this.#providers.find(({ settings }) => settings.models === '*') ?? this.#providers[0]
    return found?.settings ?? this.forModel('')
  }
}
