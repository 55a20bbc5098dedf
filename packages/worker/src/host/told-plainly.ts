import { DefinitionError } from '../definition/definition-names.ts'
import { isForeignFrame } from './log-line.ts'
import { WorkerError } from './worker-error.ts'

/** Those that have told what is wrong and what to do: how they came about is of no use to who reads them. */
const plain = new WeakSet<object>()

/**
 * Has an error whose message says all end the program with that message, and not with a stack of this package, unless the program
 * catches it. With other errors, such as those of the user's own code, Node does what it does: a monitor changes nothing of it.
 */
export async function toldPlainly<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof WorkerError || error instanceof DefinitionError) {
      plain.add(error)
      if (!process.listeners('uncaughtExceptionMonitor').includes(tell))
        process.on('uncaughtExceptionMonitor', tell)
    }
    throw error
  }
}

function tell(error: unknown): void {
  if (!(error instanceof Error && plain.has(error))) return
  // A program that listens has its own way of telling.
  if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return
  process.stderr.write(`${error.message}\n${placeOf(error)}`)
  process.exit(1)
}

/** Where in the user's file something was defined that cannot work. */
function placeOf({ stack = '' }: Error): string {
  const frame = stack.split('\n').find((line) => /^\s+at (?!async )/.test(line) && !isForeignFrame(line))
  return frame === undefined ? '' : `${frame}\n`
}
