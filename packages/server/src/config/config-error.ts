/** A setting that cannot be used. Its message is one line for the terminal, naming the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
