import { variableNames } from '../packages/server/src/config/env.ts'

/**
 * Forgets the settings that whoever runs this has in their environment for a server of their own: servers that tests
 * start have theirs. Only where the programs of PostgreSQL and Temporal are stays known.
 */
export function forgetSettings(): void {
  const { postgresBin, temporalBin, ...settings } = variableNames
  for (const name of [...Object.values(settings), 'TRAMONTANE_URL']) delete process.env[name]
}
