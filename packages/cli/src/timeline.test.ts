import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import { Timeline } from './timeline.ts'

describe('the timeline of a terminal', () => {
  it('tells of an activity that came through which attempt did, and no longer why an earlier one failed', () => {
    const timeline = new Timeline({ all: false })
    const add = (event_type: string, attributes: object) =>
      timeline.add({
        event_type,
        workflow_run_id: 'run',
        workflow_name: 'order',
        event_timestamp: 1_000_000_000n,
        attributes,
      } as unknown as WorkflowEvent)
    add('WORKFLOW_EXECUTION_STARTED', { display_name: 'Order' })
    add('ACTIVITY_TASK_STARTED', { task_id: '1', activity_name: 'charge' })
    const failure = { message: 'the bank is closed' }
    assert.match(
      add('ACTIVITY_TASK_RETRYING', { task_id: '1', attempt: 2, failure })!,
      /↻ +charge .*attempt 2: the bank is closed$/,
    )
    assert.match(add('ACTIVITY_TASK_COMPLETED', { task_id: '1' })!, /✓ +charge .*attempt 3$/)
  })
})
