/** A backup or restore that cannot go on. Its message is for the terminal: what is wrong, and the way out. */
export class MaintenanceError extends Error {
  override readonly name = 'MaintenanceError'
}
