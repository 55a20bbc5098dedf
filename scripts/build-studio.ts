import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const studio = path.join(root, 'packages/studio')
const stamp = path.join(studio, 'dist/.built-from')

/** What the built studio depends on: its sources, the contract's, and the versions of what it is built with. */
function mark(): string {
  const hash = createHash('sha256')
  const files = globSync(
    [
      'packages/studio/{src,index.html,vite.config.ts,package.json}',
      'packages/studio/src/**/*',
      'packages/contract/src/**/*.ts',
      'package-lock.json',
    ],
    { cwd: root, withFileTypes: true },
  )
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
  for (const file of files) hash.update(path.relative(root, file)).update(readFileSync(file))
  return hash.digest('hex')
}

/**
 * Builds the studio if it was not built yet, or from other sources.
 * @param say is told before it is built, which takes some seconds
 */
export async function buildStudio(say: (text: string) => void = () => {}): Promise<void> {
  const wanted = mark()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say('building the studio (once)')
  // Loaded only when needed: it would take longer than the look whether it is.
  const { build } = await import('vite')
  await build({
    root: studio,
    configFile: path.join(studio, 'vite.config.ts'),
    configLoader: 'native',
    logLevel: 'warn',
  })
  writeFileSync(stamp, wanted)
}

if (import.meta.main) await buildStudio((text) => process.stderr.write(`tramontane: ${text}\n`))
