/** Why a worker cannot run. The message names the cause and the cure. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    // Where it was thrown helps nobody: what is wrong is outside the code.
    this.stack = `${this.name}: ${message}`
  }
}
