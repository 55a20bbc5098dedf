import { ApplicationFailure, activityInfo, heartbeat, log, sleep, task } from '@tramontane/worker/activity'

/** Activities of the workflows in `workflows.ts`. */

export async function translate(text: string, language: string): Promise<string> {
  log.info('translating', { language })
  return language === 'French' ? text.replace('Hello', 'Bonjour') : text
}

/** Fails as often as it is told to. */
export async function flaky({ failures }: { failures: number }): Promise<number> {
  const { attempt } = activityInfo()
  if (attempt <= failures) throw new Error(`attempt ${attempt} fails`)
  return attempt
}

/** Fails at once and for good. */
export async function refuse(reason: string): Promise<never> {
  throw ApplicationFailure.nonRetryable(reason)
}

/** Writes a text word by word, for all to see. */
export async function write(words: string[]): Promise<string> {
  return task('writing', { text: '', words: 0 }, async (writing) => {
    for (const word of words)
      await writing.update((state) => {
        state.text += word
        state.words++
      })
    return writing.state.text
  })
}

/** Takes its time, and says that it is alive. */
export async function slow({ ms }: { ms: number }): Promise<number> {
  const end = Date.now() + ms
  while (Date.now() < end) {
    heartbeat(end - Date.now())
    await sleep(50)
  }
  return ms
}

/** When it was called. */
export async function now(): Promise<number> {
  return Date.now()
}
