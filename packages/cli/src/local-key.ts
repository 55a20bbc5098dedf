import type { Role } from '@tramontane/contract/identity'
import { IdentityService } from '@tramontane/server/identity/identity-service'
import { IdentityStore } from '@tramontane/server/identity/identity-store'
import { CliError } from './cli-error.ts'
import { withLocalDatabase } from './local-database.ts'

/**
 * Makes a key straight in the database of this machine's settings: whoever may read the data directory, or has the
 * database's URL, needs no key for it.
 * @throws CliError if there is no such workspace
 */
export function createLocalKey(wanted: { name: string; role: Role; workspace?: string }) {
  return withLocalDatabase(
    async ({ database }) => {
      const identity = new IdentityService(new IdentityStore(database))
      const name = wanted.workspace ?? 'default'
      const workspace = (await identity.listWorkspaces()).find((candidate) => candidate.name === name)
      if (!workspace) throw new CliError(`there is no workspace named ${JSON.stringify(name)}`)
      const { key, secret } = await identity.createKey(workspace.id, wanted)
      return { ...key, key: secret }
    },
    { mustExist: true },
  )
}
