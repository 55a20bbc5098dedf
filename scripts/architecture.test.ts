import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  barrels,
  circles,
  composition,
  declared,
  environment,
  features,
  layers,
  layersOfFeature,
  names,
  oneWay,
  published,
  type Rule,
  sizes,
} from './architecture/rules.ts'
import { readSourceFiles, type SourceFile, toSourceFile } from './architecture/source-file.ts'

function dependenciesByPackage(): Map<string, Set<string>> {
  return new Map(
    globSync('packages/*/package.json').map((file) => {
      const { dependencies, optionalDependencies, peerDependencies, devDependencies } = JSON.parse(
        readFileSync(file, 'utf8'),
      )
      // The studio is published as a bundle, with what it imports inside.
      const bundled = file.includes('studio') ? devDependencies : {}
      const all = { ...dependencies, ...optionalDependencies, ...peerDependencies, ...bundled }
      return [file.split(/[\\/]/)[1]!, new Set(Object.keys(all))]
    }),
  )
}

const S = 'packages/server/src'
const F = `${S}/observability`

/** Each rule, with files made up to break it: a rule that finds nothing in them would find nothing anywhere. */
const rules: Readonly<Record<string, { rule: Rule; broken: Record<string, string> }>> = {
  'contract imports nothing of ours, platform no feature': {
    rule: layers,
    broken: {
      'packages/contract/src/a.ts': `import { x } from '@tramontane/server/server'`,
      [`${S}/platform/http/b.ts`]: `import type { X } from '../../identity/identity-service.ts'`,
    },
  },
  'a feature imports of another one only its reader': {
    rule: features,
    broken: {
      [`${F}/judges/judge-service.ts`]: `import { x } from '../events/event-store.ts'`,
      [`${F}/judges/judges.ts`]: `import {\n  y,\n} from '../../assembly.ts'`,
    },
  },
  'two features do not import each other': {
    rule: oneWay,
    broken: {
      [`${F}/a/a.ts`]: `import { x } from '../b/b-reader.ts'`,
      [`${F}/b/b.ts`]: `import { x } from '../a/a-reader.ts'`,
    },
  },
  'routes call services, services stores': {
    rule: layersOfFeature,
    broken: {
      [`${F}/a/a-store.ts`]: `import type { X } from './a-service.ts'`,
      [`${F}/a/a-routes.ts`]: `import { x } from './a-store.ts'\nimport { sql } from 'kysely'`,
    },
  },
  'only the files that put the server together name features': {
    rule: composition,
    broken: { [`${S}/start-message.ts`]: `import { x } from './identity/identity-service.ts'` },
  },
  'no import circles': {
    rule: circles,
    broken: {
      [`${F}/a/one.ts`]: `import { x } from './two.ts'`,
      [`${F}/a/two.ts`]: `import type { y } from './three.ts'`,
      [`${F}/a/three.ts`]: `export const late = () => import('./one.ts')`,
    },
  },
  'no barrels': {
    rule: barrels,
    broken: {
      [`${F}/a/index.ts`]: '',
      [`${F}/a/all.ts`]: `export * from './one.ts'\nexport { x } from './two.ts'`,
    },
  },
  'the environment is read in config/env.ts': {
    rule: environment,
    broken: { [`${F}/a/one.ts`]: 'const home = process.env.HOME' },
  },
  'what is published needs no test and no path into another package': {
    rule: published,
    broken: {
      [`${F}/a/one.ts`]: `import { x } from './two.test.ts'\nimport { y } from '@tramontane/testkit/eventually'`,
      [`${F}/a/two.ts`]: `import { x } from '../../../../contract/src/errors.ts'`,
    },
  },
  'files are named by what they are about, in kebab-case': {
    rule: names,
    broken: { [`${F}/a/utils.ts`]: '', [`${F}/a/judgeStore.ts`]: '' },
  },
  'files are short': {
    rule: sizes,
    broken: { [`${F}/a/a-routes.ts`]: 'x\n'.repeat(201), [`${F}/a/a-store.ts`]: 'x\n'.repeat(401) },
  },
  'what is imported is a dependency of the package': {
    rule: declared(dependenciesByPackage()),
    broken: { 'packages/contract/src/a.ts': `import pg from 'pg'` },
  },
}

describe('the architecture', () => {
  const files = readSourceFiles()

  it('is read from files with imports', () => {
    assert.ok(files.length > 50)
    const assembly = files.find(({ path }) => path === `${S}/assembly.ts`)
    assert.ok(assembly!.imports.some(({ file }) => file === `${S}/identity/identity.ts`))
    const known = new Set(files.map(({ path }) => path))
    const lost = files.flatMap(({ imports }) =>
      imports.flatMap(({ file }) =>
        file && /\.tsx?$/.test(file) && !file.includes('/generated/') && !known.has(file) ? [file] : [],
      ),
    )
    assert.deepEqual(lost, [], 'each import of ours leads to a file')
  })

  for (const [name, { rule, broken }] of Object.entries(rules)) {
    it(name, () => {
      const madeUp: SourceFile[] = Object.entries(broken).map(([path, text]) => toSourceFile(path, text))
      assert.notDeepEqual(rule(madeUp), [], 'the rule finds what is made to break it')
      assert.deepEqual(rule(files), [])
    })
  }
})
