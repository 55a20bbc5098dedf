import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** One import of a file, static or dynamic, or a re-export. */
export interface Import {
  /** As written: `./judge-store.ts`, `@tramontane/contract/judges`, `node:fs`. */
  readonly specifier: string
  /** The file of ours that it names, from the root of the repository; undefined for packages of others. */
  readonly file: string | undefined
  readonly typeOnly: boolean
  readonly reExport: boolean
}

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

const STATEMENT = /^(import|export)\s+(type\s)?[^'"`;]*?from\s*['"]([^'"\n]+)['"]/gm
const BARE_IMPORT = /^import\s+['"]([^'"\n]+)['"]/gm
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"\n]+)['"]/g
const OURS = /^@tramontane\/([\w-]+)\/(.+)$/

function fileOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier)
  const ours = OURS.exec(specifier)
  return ours ? `packages/${ours[1]}/src/${ours[2]}.ts` : undefined
}

/** Reads what a file imports. Statements begin at the start of a line, which the formatter sees to. */
export function toSourceFile(filePath: string, text: string): SourceFile {
  const imports: Import[] = []
  const add = (specifier: string, typeOnly: boolean, reExport: boolean) =>
    imports.push({ specifier, file: fileOf(filePath, specifier), typeOnly, reExport })
  for (const [, keyword, type, specifier] of text.matchAll(STATEMENT))
    add(specifier!, type !== undefined, keyword === 'export')
  for (const pattern of [BARE_IMPORT, DYNAMIC_IMPORT])
    for (const [, specifier] of text.matchAll(pattern)) add(specifier!, false, false)
  return { path: filePath, text, imports }
}

/** Every TypeScript file of the packages, but not what is generated or built. */
export function readSourceFiles(): SourceFile[] {
  return globSync('packages/*/src/**/*.{ts,tsx}')
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => !name.includes('/generated/') && !name.includes('/node_modules/'))
    .sort()
    .map((name) => toSourceFile(name, readFileSync(name, 'utf8')))
}
