import { getExecution } from '@tramontane/contract/executions'
import type { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { followExecution } from './execution-stream.ts'
import type { Session } from './session.ts'
import { Timeline } from './timeline.ts'

const REDRAW_MS = 100

/**
 * Shows an execution's timeline as it grows, to its end, and then its result. On a terminal the lines are redrawn; into a
 * file each change is a line; with `--json` each frame of the stream is one.
 * @throws CliError unless it completes
 */
export async function watchExecution(
  session: Session,
  executionId: string,
  { all }: { all: boolean },
): Promise<void> {
  const stop = onInterrupt(executionId)
  try {
    if (session.json)
      for await (const { text } of followExecution(session.api, executionId)) session.print(text)
    else await draw(session, executionId, all)
  } finally {
    stop()
  }
  await finish(session, session.api, executionId)
}

function onInterrupt(executionId: string): () => void {
  const leave = () => {
    process.stderr.write(
      `\nThe execution goes on. To watch it again: tramontane workflows watch ${executionId}\n`,
    )
    process.exit(130)
  }
  process.on('SIGINT', leave)
  return () => process.off('SIGINT', leave)
}

async function draw(session: Session, executionId: string, all: boolean): Promise<void> {
  const timeline = new Timeline({ all })
  if (!process.stdout.isTTY) {
    for await (const { event } of followExecution(session.api, executionId)) {
      const line = timeline.add(event)
      if (line !== undefined) session.print(line)
    }
    return
  }
  let drawn = 0
  const redraw = () => {
    const { columns, rows } = process.stdout
    // What has scrolled away cannot be drawn again: the newest lines are shown.
    const lines = timeline.lines(Date.now(), columns || 80).slice(1 - (rows || 24))
    process.stdout.write(
      `${drawn > 0 ? `\x1b[${drawn}A` : ''}\x1b[0J${lines.map((line) => `${line}\n`).join('')}`,
    )
    drawn = lines.length
  }
  const timer = setInterval(redraw, REDRAW_MS)
  try {
    for await (const { event } of followExecution(session.api, executionId)) timeline.add(event)
  } finally {
    clearInterval(timer)
    redraw()
  }
}

async function finish(session: Session, api: ApiClient, executionId: string): Promise<void> {
  const execution = await api.call(getExecution, { params: { execution_id: executionId } })
  const hasResult = execution.status === 'COMPLETED'
  if (!session.json)
    session.print(hasResult ? `COMPLETED  ${JSON.stringify(execution.result ?? null)}` : execution.status)
  if (!hasResult) throw new CliError(`the execution ${executionId} ended as ${execution.status}`)
}
