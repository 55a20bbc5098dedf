import { waitForInput, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'

const decision = z.object({ approved: z.boolean(), by: z.string().min(1), comment: z.string().optional() })

export const expenseApproval = workflow({
  name: 'expense-approval',
  displayName: 'Approval of an expense',
  description: 'Small expenses pass, larger ones need a person.',
  input: z.object({ what: z.string(), amount: z.number().positive() }),
  output: z.object({ approved: z.boolean(), by: z.string() }),
  queries: { status: { output: z.enum(['asking', 'decided']) } },
  // The time includes the waiting.
  executionTimeout: '30 days',
  async run({ what, amount }, { handle }) {
    let status: 'asking' | 'decided' = 'asking'
    handle({ status: () => status })

    if (amount < 50) return { approved: true, by: 'the rules' }
    const answer = await waitForInput(decision, { label: `${what} for ${amount} €?`, timeout: '14 days' })
    status = 'decided'
    return answer ?? { approved: false, by: 'nobody, in two weeks' }
  },
})
