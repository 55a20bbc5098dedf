import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { canReach, postgresUser } from './postgres-user.ts'

const NAME = '.tramontane'

/**
 * Where the data goes when nobody says: `.tramontane` in the working directory. Root's PostgreSQL runs as another user,
 * who cannot enter a private home such as /root; then a directory of /var/lib named after the working directory.
 */
export function defaultDataDir(): string {
  const here = path.resolve(NAME)
  if (process.getuid?.() !== 0 || existsSync(path.join(here, 'postgres', 'data'))) return here
  const user = postgresUser(here)
  if (user === undefined || canReach(path.dirname(here), user)) return here
  const mark = createHash('sha256').update(here).digest('hex').slice(0, 8)
  return `/var/lib/tramontane/${path.basename(process.cwd())}-${mark}`
}
