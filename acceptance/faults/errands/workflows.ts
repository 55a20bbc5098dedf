import { activities, condition, executeChild, sleep, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'
import type * as steps from './activities.ts'

/** Workflows that wait, are signalled, and have effects, while what runs them is killed. */

const { note } = activities<typeof steps>({
  timeout: '5 seconds',
  attempts: Number.POSITIVE_INFINITY,
  retry: { initialInterval: '100ms', backoffCoefficient: 1 },
})

const PARCELS = 2

/** A child. */
export const leg = workflow({
  name: 'leg',
  input: z.object({ key: z.string() }),
  output: z.object({ receipts: z.array(z.string()) }),
  async run({ key }) {
    await sleep('200ms')
    return { receipts: [await note(`${key}/leg`)] }
  },
})

/** Notes its steps, which are the same for the same kind, in their order; ends when both parcels are there. */
export const errand = workflow({
  name: 'errand',
  input: z.object({
    kind: z.enum(['plain', 'parent', 'relay']),
    carried: z.object({ receipts: z.array(z.string()), parcels: z.array(z.string()) }).optional(),
  }),
  output: z.object({ receipts: z.array(z.string()), parcels: z.array(z.string()) }),
  signals: { deliver: { input: z.object({ parcel: z.string() }) } },
  async run({ kind, carried }, { executionId, handle, continueAsNew }) {
    const receipts = [...(carried?.receipts ?? [])]
    // Callers who got no answer deliver again.
    const parcels = new Set(carried?.parcels)
    handle({
      deliver({ parcel }) {
        parcels.add(parcel)
      },
    })
    if (!carried) {
      receipts.push(await note(`${executionId}/first`))
      await sleep('500ms')
      await condition(() => parcels.size >= PARCELS)
      receipts.push(...(await Promise.all([note(`${executionId}/left`), note(`${executionId}/right`)])))
    }
    if (kind === 'relay' && !carried)
      return continueAsNew({ kind, carried: { receipts, parcels: [...parcels] } })
    if (kind === 'parent') {
      const key = `${executionId}-leg`
      receipts.push(...(await executeChild(leg, { key }, { executionId: key })).receipts)
    }
    await sleep('500ms')
    receipts.push(await note(`${executionId}/last`))
    return { receipts, parcels: [...parcels].sort() }
  },
})
