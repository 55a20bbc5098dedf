import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { ConfigError } from '../../config/config-error.ts'
import { variableNames } from '../../config/env.ts'
import {
  inspect,
  isNewEnough,
  OLDEST,
  ProgramsMissingError,
  SERVER,
  SQL_TOOL,
  type TemporalPrograms,
} from './temporal-programs.ts'

/**
 * The programs that `TRAMONTANE_TEMPORAL_BIN` names.
 * @param bin their folder, or the server's program with the other one beside it
 * @throws ProgramsMissingError if they do not do
 */
export async function configuredPrograms(bin: string): Promise<TemporalPrograms> {
  const found = await lookAt(bin)
  if (typeof found === 'string') throw new ProgramsMissingError(`There is no workflow engine: ${found}.`)
  return found
}

/**
 * Sees whether the programs that `TRAMONTANE_TEMPORAL_BIN` names do, before anything is started.
 * @throws ConfigError if not
 */
export async function checkConfiguredPrograms(bin: string): Promise<void> {
  const found = await lookAt(bin)
  if (typeof found === 'string')
    throw new ConfigError(`${found}: mend it, or leave it out, and the programs are looked for and made`)
}

/** @returns the programs, or what is wrong with them */
async function lookAt(bin: string): Promise<TemporalPrograms | string> {
  const found = await inspect(bin, 'configured')
  if (found && isNewEnough(found.version)) return found
  const why = found
    ? `whose Temporal is ${found.version}, but must be ${OLDEST} or newer`
    : whatIsMissing(bin)
  return `${variableNames.temporalBin} is ${JSON.stringify(bin)}, ${why}`
}

function whatIsMissing(bin: string): string {
  const found = statSync(bin, { throwIfNoEntry: false })
  if (!found) return 'which does not exist'
  const folder = found.isDirectory() ? bin : path.dirname(bin)
  if (found.isDirectory() && !existsSync(path.join(bin, SERVER))) return `where there is no ${SERVER}`
  if (!existsSync(path.join(folder, SQL_TOOL))) return `beside which there is no ${SQL_TOOL}`
  return `whose ${SERVER} does not run here`
}
