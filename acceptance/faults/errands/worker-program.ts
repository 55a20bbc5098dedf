import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { runWorker } from '@tramontane/worker'
import * as activities from './activities.ts'

/** A worker as a user's program has it, that also writes down which events the server has acknowledged. */

const file = path.join(process.env.WORK_DIR ?? '.', 'acknowledged')
const send = globalThis.fetch

globalThis.fetch = async (...call) => {
  const [url, init] = call
  const answer = await send(...call)
  if (!answer.ok || !String(url).endsWith('/v1/workflows/events/batch')) return answer
  const { status } = (await answer.clone().json()) as { status: string }
  if (status === 'success') {
    const { events } = JSON.parse(String(init?.body)) as { events: unknown[] }
    appendFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  }
  return answer
}

await runWorker({ workflows: import.meta.resolve('./workflows.ts'), activities })
