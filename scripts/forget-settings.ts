import { readEnv, variableNames } from '../packages/server/src/config/env.ts'

/**
 * Forgets the settings that whoever runs this has in their environment for a server of their own, and what only looks like one
 * (a server would tell of it): servers that tests start have theirs. Only where the programs of PostgreSQL and Temporal are stays
 * known.
 */
export function forgetSettings(): void {
  const { postgresBin, temporalBin, ...settings } = variableNames
  const strangers = readEnv(process.env).strangers?.() ?? []
  for (const name of [...Object.values(settings), ...strangers, 'TRAMONTANE_URL']) delete process.env[name]
}
