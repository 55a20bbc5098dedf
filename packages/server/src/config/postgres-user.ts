import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { ConfigError } from './config-error.ts'

/** A user of the machine, as `spawn` takes it. */
export interface SystemUser {
  readonly uid: number
  readonly gid: number
  readonly name: string
}

function users(): SystemUser[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name, , uid, gid]) => ({ name: name!, uid: Number(uid), gid: Number(gid) }))
}

/**
 * The user to run PostgreSQL as, which refuses to run as root: the owner of the data if there is any, else `postgres`,
 * else `nobody`. Undefined when this process is not root: then it runs as the same user.
 * @param existing a directory whose owner it must be, if it exists
 * @throws ConfigError if there is no such user
 */
export function postgresUser(existing: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const known = users()
  if (existsSync(existing)) {
    const { uid, gid } = statSync(existing)
    if (uid !== 0) return known.find((user) => user.uid === uid) ?? { uid, gid, name: `#${uid}` }
  }
  const found = ['postgres', 'nobody']
    .map((name) => known.find((user) => user.name === name))
    .find((user) => user !== undefined)
  if (found) return found
  throw new ConfigError(
    'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as: start Tramontane as an ordinary user, or set TRAMONTANE_DATABASE_URL',
  )
}

/** Whether the user may enter the directory, or would if it existed. */
export function canReach(directory: string, user: SystemUser): boolean {
  let existing = directory
  while (!existsSync(existing)) existing = path.dirname(existing)
  try {
    execFileSync('test', ['-x', existing], { uid: user.uid, gid: user.gid, cwd: '/', stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
