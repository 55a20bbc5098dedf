/** Whether an event of a run's history is its last: of whichever end, that of going on as a new run included. */
export function isClosingEvent(eventType: string): boolean {
  return /^WORKFLOW_EXECUTION_(COMPLETED|FAILED|CANCELED|TERMINATED|TIMED_OUT|CONTINUED_AS_NEW)$/.test(
    eventType,
  )
}
