import { getExecution } from '@tramontane/contract/executions'
import type { ApiClient } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { followExecution } from './execution-stream.ts'
import { runDetails, type Trouble } from './run-trouble.ts'
import type { Session } from './session.ts'
import { oneLine, wrapped } from './terminal-text.ts'
import { Timeline } from './timeline.ts'
import { watchAll, watchTrouble } from './watch-sources.ts'

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
  const stop = onInterrupt(session, executionId)
  try {
    if (session.json) await printFrames(session, executionId)
    else await draw(session, executionId, all)
  } finally {
    stop()
  }
  await finish(session, session.api, executionId)
}

async function printFrames(session: Session, executionId: string): Promise<void> {
  const stop = watchTrouble(session, executionId, remarkOn(session))
  try {
    for await (const { text } of followExecution(session.api, executionId)) session.print(text)
  } finally {
    stop()
  }
}

function onInterrupt(session: Session, executionId: string): () => void {
  const leave = () => {
    process.stderr.write(
      `\nThe execution goes on. To watch it again: ${session.hint(`executions watch ${executionId}`)}\n`,
    )
    process.exit(130)
  }
  process.on('SIGINT', leave)
  return () => process.off('SIGINT', leave)
}

/** Says what keeps the execution from getting on, each thing once as long as it lasts. */
function remarkOn(session: Session): (trouble: Trouble | undefined) => void {
  let said: string | undefined
  return (trouble) => {
    if (trouble && trouble.key !== said) session.remark(trouble.text)
    said = trouble?.key
  }
}

async function draw(session: Session, executionId: string, all: boolean): Promise<void> {
  const timeline = new Timeline({ all })
  if (!process.stdout.isTTY) {
    await watchAll(session, executionId, timeline, {
      onLine: (line) => session.print(line),
      onTrouble: remarkOn(session),
    })
    return
  }
  let drawn = 0
  let trouble: Trouble | undefined
  const redraw = () => {
    const { columns, rows } = process.stdout
    const remarks = trouble ? wrapped(trouble.text, columns || 80) : []
    // What has scrolled away cannot be drawn again: the newest lines are shown.
    const lines = [...timeline.lines(Date.now(), columns || 80), ...remarks].slice(1 - (rows || 24))
    process.stdout.write(
      `${drawn > 0 ? `\x1b[${drawn}A` : ''}\x1b[0J${lines.map((line) => `${line}\n`).join('')}`,
    )
    drawn = lines.length
  }
  const timer = setInterval(redraw, REDRAW_MS)
  try {
    await watchAll(session, executionId, timeline, {
      onLine: () => {},
      onTrouble: (found) => {
        trouble = found
      },
    })
  } finally {
    clearInterval(timer)
    trouble = undefined
    redraw()
  }
}

async function finish(session: Session, api: ApiClient, executionId: string): Promise<void> {
  const execution = await api.call(getExecution, { params: { execution_id: executionId } })
  const hasResult = execution.status === 'COMPLETED'
  if (!session.json)
    session.print(
      hasResult ? `COMPLETED  ${oneLine(JSON.stringify(execution.result ?? null))}` : execution.status,
    )
  if (hasResult) return
  const message = (await runDetails(api, execution.run_id).catch(() => undefined))?.run.message
  throw new CliError(
    `the execution ${executionId} ended as ${execution.status}${message ? `: ${oneLine(message)}` : ''}`,
  )
}
