/** Something the user should read as one line. `exitCode` 1: it failed; 2: the command was used wrongly. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, { exitCode = 1, cause }: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause })
    this.exitCode = exitCode
  }
}

/** The command was used wrongly: exit code 2. */
export function usageError(message: string): CliError {
  return new CliError(message, { exitCode: 2 })
}
