import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildStudio } from './build-studio.ts'

/** What is published, in the order in which they need each other. */
export const PUBLISHED = ['contract', 'studio', 'worker', 'server', 'cli'] as const

const root = path.resolve(import.meta.dirname, '..')

/**
 * Builds every published package into its `dist` and packs it into a tarball.
 * @param target the folder that the tarballs go to
 * @returns their paths
 */
export async function pack(target: string): Promise<string[]> {
  await buildStudio()
  mkdirSync(target, { recursive: true })
  return PUBLISHED.map((name) => {
    if (name !== 'studio') build(name)
    const folder = path.join(root, 'packages', name)
    const license = path.join(folder, 'LICENSE')
    cpSync(path.join(root, 'LICENSE'), license)
    try {
      const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target]
      const [packed] = JSON.parse(execFileSync('npm', args, { cwd: folder, encoding: 'utf8' }))
      return path.join(target, packed.filename)
    } finally {
      rmSync(license)
    }
  })
}

/** Turns a package's TypeScript into JavaScript and declarations; tests are left out. */
function build(name: string): void {
  const folder = path.join(root, 'packages', name)
  rmSync(path.join(folder, 'dist'), { recursive: true, force: true })
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const project = path.join(folder, 'tsconfig.build.json')
  execFileSync(process.execPath, [tsc, '--singleThreaded', '--project', project], { stdio: 'inherit' })
  // What is read at run time and is no TypeScript.
  for (const file of globSync('src/**/*.{json,sql,proto,html,css}', { cwd: folder }))
    cpSync(path.join(folder, file), path.join(folder, file.replace(/^src/, 'dist')), { recursive: true })
}

/** The version that all published packages have, and their names. */
export function publishedVersions(): Record<string, string> {
  return Object.fromEntries(
    PUBLISHED.map((name) => {
      const { version } = JSON.parse(readFileSync(path.join(root, 'packages', name, 'package.json'), 'utf8'))
      return [name, version]
    }),
  )
}

if (import.meta.main) {
  const target = path.resolve(process.argv[2] ?? 'packed')
  for (const file of await pack(target)) process.stdout.write(`${path.relative(process.cwd(), file)}\n`)
}
