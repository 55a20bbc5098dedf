import { createInterface } from 'node:readline/promises'
import { startWorker } from '@tramontane/worker'
import { call, events, result, start } from '../api.ts'

await using _worker = await startWorker({
  workflows: import.meta.resolve('./workflows.ts'),
  deploymentName: 'human-approval',
})

const id = await start('expense-approval', { what: 'A chair', amount: 180 })
const path = `/v1/workflows/executions/${id}`

// The stream says when somebody is asked. Whoever comes later finds the open questions with a query.
for await (const { event_type } of events(id)) if (event_type === 'CUSTOM_TASK_STARTED') break
const { result: asked } = await call('POST', `${path}/queries`, { name: '__get_pending_inputs' })
const [question] = asked.pending_inputs

await call('POST', `${path}/updates`, {
  name: '__submit_input',
  input: { task_id: question.task_id, input: { approved: await ask(question.label), by: 'Ada' } },
})
const { approved, by } = await result(id)
console.log(`${approved ? 'approved' : 'refused'} by ${by}`)

async function ask(label: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.log(`${label} yes (nobody is at the terminal)`)
    return true
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`${label} [y/n] `)
  terminal.close()
  return /^y/i.test(answer)
}
