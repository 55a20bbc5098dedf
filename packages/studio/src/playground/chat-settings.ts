/** What a pane's model is asked with. Numbers are text while they are being written. */
export interface ChatSettings {
  readonly model: string
  readonly system: string
  readonly temperature: string
  readonly maxTokens: string
}

const NAME = 'tramontane-playground-models'

/** The settings that a pane begins with: the model that was used last there. */
export function firstSettings(pane: number): ChatSettings {
  let model: unknown
  try {
    model = JSON.parse(localStorage.getItem(NAME) ?? '[]')[pane]
  } catch {
    // Whatever is kept there is not ours.
  }
  return { model: typeof model === 'string' ? model : '', system: '', temperature: '', maxTokens: '' }
}

/** Remembers which models the panes use. */
export function rememberModels(models: readonly string[]): void {
  localStorage.setItem(NAME, JSON.stringify(models))
}

/** The settings as the API has them; what is left empty is the model's own choice. */
export function completionArgs({ temperature, maxTokens }: ChatSettings) {
  return {
    temperature: temperature === '' ? null : Number(temperature),
    max_tokens: maxTokens === '' ? null : Number(maxTokens),
  }
}
