import { startWorker } from '@tramontane/worker'
import { call, events, start } from '../api.ts'
import * as activities from './activities.ts'

await using _worker = await startWorker({
  workflows: import.meta.resolve('./workflows.ts'),
  activities,
  deploymentName: 'token-streaming-chat',
})

const id = await start('chat', { model: process.env.CHAT_MODEL ?? 'mistral-small-latest' })
const path = `/v1/workflows/executions/${id}`
const reading = read()
for (const text of ['What is the tramontane?', 'And where does it blow?']) {
  process.stdout.write(`\n> ${text}\n`)
  // The answer to the update has the whole text, too; but it comes when the model is done.
  await call('POST', `${path}/updates`, { name: 'say', input: { text } })
}
await call('POST', `${path}/signals`, { name: 'goodbye' })
await reading
process.stdout.write('\n')

/** Writes what the model writes, as it writes it. */
async function read(): Promise<void> {
  for await (const { event_type, attributes } of events(id)) {
    if (event_type !== 'CUSTOM_TASK_IN_PROGRESS') continue
    for (const { op, value } of attributes.payload.value) if (op === 'append') process.stdout.write(value)
  }
}
