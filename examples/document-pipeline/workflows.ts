import { activities, ChildWorkflowFailure, executeChild, task, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'
import type * as steps from './activities.ts'

// Reading goes to a server that is often busy: no more than ten a second, and several attempts.
const { readText } = activities<typeof steps>({
  attempts: 5,
  retry: { initialInterval: '200ms' },
  rateLimit: { key: 'archive', max: 10, per: '1 second' },
})
const { classify } = activities<typeof steps>({ timeout: '30 seconds' })

const report = z.object({ name: z.string(), kind: z.string(), words: z.int() })

/** One document. A workflow of its own: it has its own history, and can be looked at, cancelled and tried again alone. */
export const processDocument = workflow({
  name: 'process-document',
  input: z.object({ name: z.string() }),
  output: report,
  async run({ name }) {
    const text = await readText(name)
    return { name, kind: await classify(text), words: text.split(/\s+/).length }
  },
})

export const documentPipeline = workflow({
  name: 'document-pipeline',
  displayName: 'Document pipeline',
  description: 'Reads and sorts a pile of documents, each as a child of its own.',
  input: z.object({ documents: z.array(z.string()).min(1).max(200) }),
  output: z.object({ done: z.array(report), failed: z.array(z.string()) }),
  async run({ documents }) {
    return task('pipeline', { total: documents.length, done: 0, failed: 0 }, async (progress) => {
      const done: z.output<typeof report>[] = []
      const failed: string[] = []
      await Promise.all(
        documents.map(async (name) => {
          try {
            done.push(await executeChild(processDocument, { name }))
          } catch (error) {
            if (!(error instanceof ChildWorkflowFailure)) throw error
            failed.push(name)
          }
          await progress.update({ done: done.length, failed: failed.length })
        }),
      )
      return { done: done.sort((a, b) => a.name.localeCompare(b.name)), failed }
    })
  },
})
