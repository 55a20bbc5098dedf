import path from 'node:path'
import type { Import, SourceFile } from './source-file.ts'

/** A rule of ARCHITECTURE.md: gives a sentence for each place that breaks it. */
export type Rule = (files: readonly SourceFile[]) => string[]

const SERVER = 'packages/server/src/'
/** Files that know concrete features: they put the server together. */
const COMPOSITION: ReadonlySet<string> = new Set(
  ['assembly.ts', 'migrations.ts'].map((name) => SERVER + name),
)
const SHARED_BY_FEATURES = `${SERVER}observability/captured-event.ts`

function isTest(file: string): boolean {
  return file.endsWith('.test.ts')
}

/** Where in the house a file stands. */
function partOf(file: string): {
  kind: 'contract' | 'config' | 'platform' | 'feature' | 'root' | 'other'
  name: string
} {
  if (file.startsWith('packages/contract/')) return { kind: 'contract', name: 'contract' }
  if (!file.startsWith(SERVER)) return { kind: 'other', name: file.split('/')[1] ?? '' }
  const [first, second, third] = file.slice(SERVER.length).split('/')
  if (second === undefined) return { kind: 'root', name: first! }
  // Backup, restore and doctor stand above the server, as the command line does: they use it, it does not know them.
  if (first === 'maintenance') return { kind: 'root', name: first }
  if (first === 'config' || first === 'platform') return { kind: first, name: first }
  if (first === 'observability' || first === 'workflows')
    return third === undefined
      ? { kind: 'root', name: second }
      : { kind: 'feature', name: `${first}/${second}` }
  return { kind: 'feature', name: first! }
}

/** Each import of a file of ours by another one, tests left out. */
function* links(files: readonly SourceFile[]): Generator<{ from: string; to: string; link: Import }> {
  for (const file of files) {
    if (isTest(file.path)) continue
    for (const link of file.imports)
      if (link.file !== undefined) yield { from: file.path, to: link.file, link }
  }
}

/** 1 and 2: contract knows nobody, config knows contract, platform knows no feature. */
export const layers: Rule = (files) => {
  const allowed: Record<string, readonly string[]> = {
    contract: ['contract'],
    config: ['config', 'contract'],
    platform: ['platform', 'config', 'contract'],
  }
  return [...links(files)].flatMap(({ from, to }) => {
    const may = allowed[partOf(from).kind]
    return may && !may.includes(partOf(to).kind) ? [`${from} imports ${to}`] : []
  })
}

/** 3: of another feature only its reader, and what features share. */
export const features: Rule = (files) =>
  [...links(files)].flatMap(({ from, to }) => {
    const [mine, theirs] = [partOf(from), partOf(to)]
    if (mine.kind !== 'feature' || to === SHARED_BY_FEATURES) return []
    if (theirs.kind === 'root') return [`${from} imports ${to}, which puts the server together`]
    if (theirs.kind !== 'feature' || theirs.name === mine.name || to.endsWith('-reader.ts')) return []
    return [`${from} imports ${to}: of another feature only its …-reader.ts`]
  })

/** 3: never both ways between two features. */
export const oneWay: Rule = (files) => {
  const pairs = new Map<string, string>()
  for (const { from, to } of links(files)) {
    const [mine, theirs] = [partOf(from), partOf(to)]
    if (mine.kind === 'feature' && theirs.kind === 'feature' && mine.name !== theirs.name)
      pairs.set(`${mine.name} → ${theirs.name}`, `${from} imports ${to}`)
  }
  return [...pairs.keys()].filter((pair) => pairs.has(pair.split(' → ').reverse().join(' → ')))
}

/** 4: routes call their service, services their store; nobody calls upwards, and routes know no SQL. */
export const layersOfFeature: Rule = (files) => {
  const ranks = ['-store.ts', '-service.ts', '-routes.ts']
  const rankOf = (file: string) => ranks.findIndex((ending) => file.endsWith(ending))
  const upwards = [...links(files)].flatMap(({ from, to, link }) => {
    const [mine, theirs] = [rankOf(from), rankOf(to)]
    if (mine < 0 || theirs < 0) return []
    if (theirs > mine) return [`${from} imports ${to}, which calls it`]
    return mine === 2 && theirs === 0 && !link.typeOnly
      ? [`${from} imports ${to}: routes call their service`]
      : []
  })
  const sql = files
    .filter(({ path: name }) => name.endsWith('-routes.ts'))
    .flatMap(({ path: name, imports }) =>
      imports
        .filter(({ specifier }) => /^(kysely|pg|pg-.*)$/.test(specifier))
        .map(({ specifier }) => `${name} imports ${specifier}: routes know no SQL`),
    )
  return [...upwards, ...sql]
}

/** 5: who may name concrete features. */
export const composition: Rule = (files) =>
  [...links(files)].flatMap(({ from, to }) =>
    partOf(from).kind === 'root' && partOf(to).kind === 'feature' && !COMPOSITION.has(from)
      ? [`${from} imports ${to}: only assembly.ts and migrations.ts name features`]
      : [],
  )

/** 6: no import circles, types included. */
export const circles: Rule = (files) => {
  const next = new Map<string, string[]>()
  for (const { from, to } of links(files)) next.set(from, [...(next.get(from) ?? []), to])
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, trail: string[]) => {
    const start = trail.indexOf(file)
    if (start >= 0)
      found.push([...trail.slice(start), file].map((name) => path.posix.basename(name)).join(' → '))
    if (start >= 0 || done.has(file)) return
    for (const other of next.get(file) ?? []) visit(other, [...trail, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return found
}

/** Through which users of the worker package import; nothing of ours but users' files does. */
const DOORS: ReadonlySet<string> = new Set([
  'packages/worker/src/workflow.ts',
  'packages/worker/src/activity.ts',
])

/** 6: no barrels: nothing is exported that comes from elsewhere, and no folder hides behind an index. */
export const barrels: Rule = (files) =>
  files.flatMap(({ path: name, imports }) => [
    ...(/\/index\.tsx?$/.test(name) ? [`${name} is an index`] : []),
    ...imports
      .filter(({ reExport }) => reExport && !DOORS.has(name))
      .map(({ specifier }) => `${name} re-exports ${specifier}`),
    ...imports
      .filter(
        ({ file }) =>
          file !== undefined && DOORS.has(file) && name.startsWith('packages/worker/') && !isTest(name),
      )
      .map(({ specifier }) => `${name} imports ${specifier}, which is for users`),
  ])

/** 7: settings are read in one file. Tests and the testkit talk about the environment of the test run. */
export const environment: Rule = (files) =>
  files
    .filter(
      ({ path: name, text }) =>
        !isTest(name) &&
        /^packages\/(server|contract)\//.test(name) &&
        name !== `${SERVER}config/env.ts` &&
        /\bprocess\s*(\.|\?\.)\s*env\b|\bprocess\[/.test(text),
    )
    .map(({ path: name }) => `${name} reads the environment`)

/** 9: nothing that is published needs a test, or the testkit; nothing reaches into another package by path. */
export const published: Rule = (files) =>
  [...links(files)].flatMap(({ from, to, link }) => {
    if (isTest(to)) return [`${from} imports the test ${to}`]
    const [mine, theirs] = [from.split('/')[1], to.split('/')[1]]
    if (theirs === 'testkit' && mine !== 'testkit') return [`${from} imports ${to}: the testkit is for tests`]
    return mine !== theirs && link.specifier.startsWith('.')
      ? [`${from} imports ${link.specifier}: name the package`]
      : []
  })

/** 10: names say what a file is about. */
export const names: Rule = (files) =>
  files.flatMap(({ path: name }) => {
    const base = path.posix.basename(name).replace(/(\.property)?(\.test)?\.tsx?$/, '')
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(base)) return [`${name} is not in kebab-case`]
    return /^(utils?|helpers?|common|misc|shared)$|-(utils?|helpers?)$/.test(base)
      ? [`${name} says nothing`]
      : []
  })

/** 10: lines at most, by kind of file. */
export const MAX_LINES: readonly (readonly [ending: string, lines: number])[] = [
  ['-routes.ts', 200],
  ['-service.ts', 300],
  ['.test.ts', 700],
  ['.ts', 400],
]

export const sizes: Rule = (files) =>
  files.flatMap(({ path: name, text }) => {
    const lines = text.trimEnd().split('\n').length
    const limit = MAX_LINES.find(([ending]) => name.endsWith(ending))?.[1] ?? 400
    return lines > limit ? [`${name} has ${lines} lines; split it, at most ${limit}`] : []
  })

/**
 * 9: what a published file imports is a dependency of its package, so that the packed package works alone.
 * @param dependencies names, by package
 */
export function declared(dependencies: ReadonlyMap<string, ReadonlySet<string>>): Rule {
  return (files) =>
    files
      .filter((file) => !isTest(file.path))
      .flatMap(({ path: name, imports }) =>
        imports.flatMap(({ specifier }) => {
          if (/^(\.|node:|virtual:)/.test(specifier)) return []
          const packageName = specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/')
          const own = name.split('/')[1]!
          if (packageName === `@tramontane/${own}` || dependencies.get(own)?.has(packageName)) return []
          return [`${name} imports ${specifier}, which packages/${own}/package.json does not list`]
        }),
      )
}
