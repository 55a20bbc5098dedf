import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** Test files that are run in one process, one after the other. */
export interface TestGroup {
  /** The module that runs them. */
  readonly file: string
  readonly members: readonly string[]
}

/** Those that need most of the time: begun last, one of them would have the whole run wait for it alone. */
const LONGEST =
  /faults|python|languages|every-page|run-follower|acceptance\/sdk|scripts\/pack|worker-life|managed-temporal|lifecycle|cli-executions|studio\/tests\/execution/

/** Whether a test file drives a browser. */
export const isInBrowser = (file: string): boolean => file.startsWith('packages/studio/tests')

/**
 * Puts test files together into processes: to load the server, or to start a browser, takes longer than most of their tests.
 * The ones that take longest come first, each by itself.
 * @param files paths from the root of the repository
 * @param folder takes the modules that run several files
 * @returns in the order in which they are to be begun
 */
export function groupTests(files: readonly string[], folder: string): TestGroup[] {
  const isLong = (file: string) => LONGEST.test(file)
  const short = files.filter((file) => !isLong(file))
  const together = (name: string, chosen: readonly string[], most: number) =>
    spread(dealOut(chosen, most)).map(({ item: members, place }, index) => ({
      place,
      group:
        members.length === 1 ? { file: members[0]!, members } : write(folder, `${name}-${index}`, members),
    }))
  // A browser keeps a core busy, most of the others wait for something: they take least time side by side.
  const groups = [
    ...together('browser', short.filter(isInBrowser), 5),
    ...together(
      'server',
      short.filter((file) => !isInBrowser(file)),
      8,
    ),
  ]
  return [
    ...files.filter(isLong).map((file) => ({ file, members: [file] })),
    ...groups.sort((one, other) => one.place - other.place).map(({ group }) => group),
  ]
}

/** Like cards: what stands side by side, and is of one kind, comes into different hands. */
function dealOut(files: readonly string[], most: number): string[][] {
  const hands = Math.ceil(files.length / most)
  return Array.from({ length: hands }, (_, hand) => files.filter((_, index) => index % hands === hand))
}

/** Each with its place in the whole, from 0 to 1. */
function spread<Item>(items: readonly Item[]): { item: Item; place: number }[] {
  return items.map((item, index) => ({ item, place: index / items.length }))
}

function write(folder: string, name: string, members: readonly string[]): TestGroup {
  const file = path.join(folder, `${name}.test.mjs`)
  const imports = members.map(
    (member) => `import ${JSON.stringify(pathToFileURL(path.resolve(member)).href)}\n`,
  )
  writeFileSync(file, imports.join(''))
  return { file, members }
}
