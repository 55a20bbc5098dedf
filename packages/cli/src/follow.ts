import { setTimeout as delay } from 'node:timers/promises'
import { ApiCallError, type ApiClient } from './api-client.ts'
import { startProgress } from './progress-bar.ts'

const PAUSE_MS = 500
/** How long a server that does not answer is asked again: a restart must not end the watching. */
const PATIENCE_MS = 120_000

/** How far some work in the background is. */
export interface State<T> {
  readonly value: T
  readonly isRunning: boolean
  readonly done: number
  readonly total: number
  readonly note: string
}

/** Said while a server that is watched does not answer. */
export function awayText({ url }: ApiClient): string {
  return `The server at ${url} does not answer; the watching goes on when it does.`
}

async function patiently<T>(look: () => Promise<T>, onAway: () => void): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (!(error instanceof ApiCallError && error.mayPass) || Date.now() > deadline) throw error
      if (error.status === 0) onAway()
      await delay(Math.max(1_000, (error.retryAfter ?? 0) * 1_000))
    }
  }
}

/**
 * Watches work that goes on in the server until its end, with a progress bar. Ctrl-C ends the watching, not the work.
 * @param api by which `look` asks how far it is
 * @param interrupted what is said when the user leaves off; the exit code is then 130
 */
export async function follow<T>(
  api: ApiClient,
  title: string,
  look: () => Promise<State<T>>,
  interrupted: string,
): Promise<T> {
  let isAwayTold = false
  const onAway = () => {
    if (!isAwayTold) process.stderr.write(`\n${awayText(api)}\n`)
    isAwayTold = true
  }
  let state = await patiently(look, onAway)
  const bar = startProgress(title, state.total)
  const onInterrupt = () => {
    bar.stop()
    process.stderr.write(`\n${interrupted}\n`)
    process.exit(130)
  }
  process.on('SIGINT', onInterrupt)
  try {
    for (;;) {
      bar.update(state.done, state.note)
      if (!state.isRunning) return state.value
      await delay(PAUSE_MS)
      state = await patiently(look, onAway)
      isAwayTold = false
    }
  } finally {
    process.off('SIGINT', onInterrupt)
    bar.stop()
  }
}
