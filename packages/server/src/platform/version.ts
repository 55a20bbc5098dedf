import { readFileSync } from 'node:fs'

/** The version of this server: its package's. */
export const version: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version
