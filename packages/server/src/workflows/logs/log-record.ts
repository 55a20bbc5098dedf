/** Whose log a record belongs to: what its worker says. */
export interface LogOrigin {
  readonly executionId: string | null
  readonly runId: string | null
  readonly activityId: string | null
  readonly workflowName: string | null
  readonly deploymentName: string | null
  readonly workerName: string | null
}

/** One line of a log, checked. */
export interface LogRecord extends LogOrigin {
  /** Nanoseconds since 1970, UTC. */
  readonly timeNanos: bigint
  /** In lower-case hexadecimal; null when it belongs to no span. */
  readonly traceId: string | null
  readonly spanId: string | null
  readonly severityText: string
  readonly body: string
  /** Values that are no text are their JSON. */
  readonly attributes: ReadonlyMap<string, string>
}

/** A record with its place in the order in which records were committed, which is unique in the workspace. */
export interface StoredLogRecord extends LogRecord {
  readonly sequence: number
}

/** Which records are meant: those that have all of these. */
export type LogFilter = { readonly [Part in keyof LogOrigin]?: string | undefined }

/**
 * What those who follow a log wait for: that of an execution, or of a deployment.
 * @param log has one of the two; the execution counts
 */
export function topicOf(workspaceId: string, log: Pick<LogFilter, 'executionId' | 'deploymentName'>): string {
  return log.executionId === undefined
    ? `${workspaceId} deployment ${log.deploymentName}`
    : `${workspaceId} execution ${log.executionId}`
}
