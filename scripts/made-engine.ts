import { globSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

/** Where this clone has made the programs of the workflow engine before, so that they are not made again. */
export function madeEngine(dataDir: string): string | undefined {
  const [found] = globSync(
    [`${dataDir}/**/temporal-server`, path.join(root, '.node/temporal/*/temporal-server')],
    { exclude: (name) => name === 'node_modules' },
  )
  return found && path.dirname(path.resolve(root, found))
}
