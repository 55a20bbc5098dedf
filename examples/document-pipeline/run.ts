import { startWorker } from '@tramontane/worker'
import { events, result, start } from '../api.ts'
import * as activities from './activities.ts'

await using _worker = await startWorker({
  workflows: import.meta.resolve('./workflows.ts'),
  activities,
  deploymentName: 'document-pipeline',
})

const documents = ['invoice-7.txt', 'letter.txt', 'contract.txt', 'lost.txt']
const id = await start('document-pipeline', { documents })
for await (const { event_type, attributes } of events(id))
  if (event_type === 'CUSTOM_TASK_IN_PROGRESS')
    console.log('progress', JSON.stringify(attributes.payload.value))

const { done, failed } = await result(id)
for (const { name, kind, words } of done) console.log(`${name}: ${kind}, ${words} words`)
for (const name of failed) console.log(`${name}: failed`)
