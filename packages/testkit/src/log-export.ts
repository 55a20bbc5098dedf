/** A line of a log, as a test sends it. */
export interface SentLine {
  body: unknown
  /** Milliseconds since 1970; now if absent. */
  at?: number
  severity?: string
  severityNumber?: number
  traceId?: string
  spanId?: string
  /** As OTLP/JSON has them: a text, or a value such as `{intValue: '1'}`. */
  attributes?: Record<string, string | object>
}

function toValue(value: unknown): object {
  return typeof value === 'string' ? { stringValue: value } : (value as object)
}

function toAttributes(attributes: Record<string, string | object> = {}) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toValue(value) }))
}

/** An export of logs in OTLP/JSON. */
export function logExport(lines: readonly SentLine[], resource: Record<string, string | object> = {}) {
  return {
    resourceLogs: [
      {
        resource: { attributes: toAttributes({ 'service.name': 'mistral-workflows-worker', ...resource }) },
        scopeLogs: [
          {
            scope: { name: 'a scope' },
            logRecords: lines.map(
              ({ body, at = Date.now(), severity, severityNumber, traceId, spanId, attributes }) => ({
                timeUnixNano: `${at}000123`,
                body: toValue(body),
                ...(severity === undefined ? {} : { severityText: severity }),
                ...(severityNumber === undefined ? {} : { severityNumber }),
                ...(traceId === undefined ? {} : { traceId }),
                ...(spanId === undefined ? {} : { spanId }),
                attributes: toAttributes(attributes),
              }),
            ),
          },
        ],
      },
    ],
  }
}

/** What the official Python worker attaches to a record of an execution. */
export function workerAttributes(of: {
  execution?: string
  run?: string
  activity?: string
  workflow?: string
  deployment?: string
  worker?: string
}): Record<string, string> {
  return Object.fromEntries(
    Object.entries({
      workflowExecutionID: of.execution,
      workflowRunID: of.run,
      temporalActivityID: of.activity,
      workflowName: of.workflow,
      deploymentName: of.deployment,
      workerName: of.worker,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
