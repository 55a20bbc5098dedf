/** The database is of a newer server than this one. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError'
}
