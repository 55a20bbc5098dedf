import type { Installation } from './installation.ts'

/** An event as it is listed, as far as the rounds look at it. */
export interface Listed {
  readonly event_id: string
  readonly event_type: string
  readonly workflow_exec_id: string
  readonly workflow_run_id: string
  readonly attributes: { readonly task_id?: string; readonly attempt?: number }
}

/** The whole list of events that fit a query, whatever happens to the server meanwhile. */
export async function listEvents(installation: Installation, query = ''): Promise<Listed[]> {
  const events: Listed[] = []
  for (let cursor = ''; ; ) {
    const page = await installation.insist<{ events: Listed[]; next_cursor: string | null }>(
      200,
      'GET',
      `/v1/workflows/events/list?limit=1000&${query}${cursor}`,
    )
    for (const { event_id, event_type, workflow_exec_id, workflow_run_id, attributes } of page.events) {
      const { task_id, attempt } = attributes
      events.push({
        event_id,
        event_type,
        workflow_exec_id,
        workflow_run_id,
        attributes: { task_id, attempt },
      })
    }
    if (page.next_cursor === null) return events
    cursor = `&cursor=${page.next_cursor}`
  }
}
