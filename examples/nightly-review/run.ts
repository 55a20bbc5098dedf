import { setTimeout as delay } from 'node:timers/promises'
import { startWorker } from '@tramontane/worker'
import { call, result } from '../api.ts'
import * as activities from './activities.ts'

// Some traffic, so that there is something to judge.
for (const content of ['How do I return my order?', 'When does the shop open?', 'Where is my parcel?'])
  await call('POST', '/v1/chat/completions', {
    model: process.env.CHAT_MODEL ?? 'mistral-small-latest',
    messages: [{ role: 'user', content }],
  })

await using _worker = await startWorker({
  workflows: import.meta.resolve('./workflows.ts'),
  activities,
  deploymentName: 'nightly-review',
})

// The schedule came with the worker. It is not night yet, so it is told to start now.
const { schedules } = await call('GET', '/v1/workflows/schedules?workflow_name=nightly-review')
const [schedule] = schedules
console.log(`the schedule starts next at ${schedule.future_executions[0]?.scheduled_at}`)
const began = new Date().toISOString()
await call('POST', `/v1/workflows/schedules/${schedule.schedule_id}/trigger`)

let id: string | undefined
while (!id) {
  await delay(200)
  const { runs } = await call(
    'GET',
    `/v1/workflows/runs?workflow_identifier=nightly-review&start_time_after=${began}`,
  )
  id = runs[0]?.execution_id
}
const { judged, unhelpful } = await result(id)
console.log(`${judged} answers judged, ${unhelpful} unhelpful`)
