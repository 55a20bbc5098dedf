import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Pause, Pencil, Play, Trash2, Zap } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { call } from '../api/call.ts'
import { exactQuery, query, refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { JsonView } from '../components/json-view.tsx'
import { Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { complain, say } from '../components/toasts.tsx'
import { ExecutionStatusBadge } from '../execution/execution-status.tsx'
import { duration } from '../formats/durations.ts'
import { useMay } from '../session/session.ts'
import { ExecutionLink } from '../workflows/execution-link.tsx'
import { type Schedule, ScheduleState } from './schedule-state.tsx'
import { calendarInWords, OVERLAPS, timesInWords } from './schedule-words.ts'

const route = getRouteApi('/shell/schedules')
const EVERY_MS = 5_000
const RUNS = 50

/** One schedule: its times, what comes next, what it has started, and what can be done with it. */
export function SchedulePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const result = useQuery({
    ...exactQuery('getSchedule', { params: { schedule_id: id } }),
    refetchInterval: EVERY_MS,
  })
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} side="right" title={id}>
      <Loaded result={result}>
        {(schedule) => (
          <div className="flex flex-col gap-5">
            <Actions schedule={schedule} onClose={onClose} />
            <Facts schedule={schedule} />
            <section className="flex flex-col gap-1">
              <h3 className="font-semibold">Next</h3>
              <Next schedule={schedule} />
            </section>
            <section className="flex flex-col gap-1">
              <h3 className="font-semibold">Recent executions</h3>
              <Recent schedule={schedule} />
            </section>
            <section className="flex flex-col gap-1">
              <h3 className="font-semibold">Input</h3>
              {schedule.input === null ? (
                <p className="text-muted">None.</p>
              ) : (
                <JsonView value={schedule.input} label="Input" />
              )}
            </section>
          </div>
        )}
      </Loaded>
    </Dialog>
  )
}

function Actions({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const id = schedule.schedule_id
  const params = { schedule_id: id }
  const mayWrite = useMay('write')
  const confirm = useConfirm()
  const [isPausing, setPausing] = useState(false)
  const act = useMutation({
    mutationFn: async ({ work }: { work: () => Promise<unknown>; done: string }) => work(),
    onSuccess: async (_, { done }) => {
      say(done)
      await refresh('listSchedules', 'getSchedule', 'listRuns')
    },
    onError: complain,
  })
  if (!mayWrite) return null
  return (
    <div className="flex flex-wrap gap-2">
      <Button
        disabled={act.isPending}
        onClick={() =>
          act.mutate({
            work: () => call('triggerSchedule', { params, body: {} }),
            done: 'An execution was started.',
          })
        }
      >
        <Zap aria-hidden /> Start one now
      </Button>
      {schedule.paused ? (
        <Button
          disabled={act.isPending}
          onClick={() =>
            act.mutate({ work: () => call('resumeSchedule', { params, body: {} }), done: 'It goes on.' })
          }
        >
          <Play aria-hidden /> Resume
        </Button>
      ) : (
        <Button disabled={act.isPending} onClick={() => setPausing(true)}>
          <Pause aria-hidden /> Pause
        </Button>
      )}
      <Button asChild>
        <route.Link to="." search={(before) => ({ ...before, schedule: undefined, edit: id })}>
          <Pencil aria-hidden /> Change
        </route.Link>
      </Button>
      <Button
        variant="danger"
        disabled={act.isPending}
        onClick={async () => {
          const isSure = await confirm({
            title: `Delete the schedule “${id}”?`,
            text: 'It starts nothing any more. What it has started goes on.',
            action: 'Delete',
          })
          if (!isSure) return
          act.mutate(
            { work: () => call('deleteSchedule', { params }), done: 'Deleted.' },
            { onSuccess: onClose },
          )
        }}
      >
        <Trash2 aria-hidden /> Delete
      </Button>
      {isPausing && (
        <PauseDialog
          onClose={() => setPausing(false)}
          onPause={(note) => {
            setPausing(false)
            act.mutate({ work: () => call('pauseSchedule', { params, body: { note } }), done: 'Paused.' })
          }}
        />
      )}
    </div>
  )
}

function PauseDialog({ onPause, onClose }: { onPause: (note: string | null) => void; onClose: () => void }) {
  const [note, setNote] = useState('')
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Pause the schedule?"
      description="It starts nothing until it is resumed. What is running goes on."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onPause(note.trim() || null)
        }}
      >
        <Field label="Why" hint="For the others; may be left empty.">
          <Input value={note} maxLength={1_000} onChange={({ target }) => setNote(target.value)} />
        </Field>
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          <Button type="submit" variant="primary">
            Pause
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

function Facts({ schedule }: { schedule: Schedule }) {
  const { policy } = schedule
  const facts: [string, ReactNode][] = [
    ['State', <ScheduleState key="state" schedule={schedule} />],
    ...(schedule.note ? [['Note', schedule.note] as [string, ReactNode]] : []),
    [
      'Workflow',
      <Link
        key="workflow"
        to="/workflows/$workflowName"
        params={{ workflowName: schedule.workflow_name }}
        className="text-accent hover:underline"
      >
        {schedule.workflow_name}
      </Link>,
    ],
    ['Deployment', schedule.deployment_name],
    ['Times', <Lines key="times" lines={timesInWords(schedule)} />],
    ...(schedule.skip.length > 0
      ? [['Not at', <Lines key="skip" lines={schedule.skip.map(calendarInWords)} />] as [string, ReactNode]]
      : []),
    ['Time zone', schedule.time_zone_name ?? 'UTC'],
    ...(schedule.start_at
      ? [['Not before', <Time key="start" value={schedule.start_at} />] as [string, ReactNode]]
      : []),
    ...(schedule.end_at
      ? [['Not after', <Time key="end" value={schedule.end_at} />] as [string, ReactNode]]
      : []),
    ...(schedule.jitter ? [['Put off by up to', schedule.jitter] as [string, ReactNode]] : []),
    ...(schedule.remaining_executions === null
      ? []
      : [['Executions left', schedule.remaining_executions] as [string, ReactNode]]),
    ['If one still runs', OVERLAPS[policy.overlap]],
    ['Makes up for', `${duration(policy.catchup_window_seconds * 1_000)} without the engine`],
    ['After a failure', policy.pause_on_failure ? 'it pauses' : 'it goes on'],
  ]
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1">
      {facts.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-muted">{label}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

function Next({ schedule }: { schedule: Schedule }) {
  const { future_executions: next } = schedule
  if (schedule.paused) return <p className="text-muted">Nothing while it is paused.</p>
  if (next.length === 0) return <p className="text-muted">Nothing is left.</p>
  return (
    <ol className="grid grid-cols-2 gap-x-6">
      {next.map(({ scheduled_at }, i) => (
        <li key={scheduled_at}>
          <Time value={scheduled_at} /> {i === 0 && <Soon at={scheduled_at} />}
        </li>
      ))}
    </ol>
  )
}

function Soon({ at }: { at: string }) {
  return (
    <span className="text-xs text-muted">
      <Time value={at} relative />
    </span>
  )
}

function Recent({ schedule }: { schedule: Schedule }) {
  // The ids of what a schedule starts begin with its own.
  const { data } = useQuery({
    ...query('listRuns', { query: { search: schedule.schedule_id, page_size: RUNS } }),
    refetchInterval: EVERY_MS,
  })
  const recent = schedule.recent_executions.toReversed()
  if (recent.length === 0) return <p className="text-muted">None yet.</p>
  const known = new Map(data?.runs.map((run) => [run.execution_id, run]))
  return (
    <table aria-label="Recent executions" className="w-full text-left">
      <thead>
        <tr className="text-xs text-muted">
          <th className="py-1 pr-3 font-medium">Status</th>
          <th className="py-1 pr-3 font-medium">Execution</th>
          <th className="py-1 font-medium">Started</th>
        </tr>
      </thead>
      <tbody>
        {recent.map(({ execution_id, started_at }) => {
          const run = known.get(execution_id)
          return (
            <tr key={execution_id}>
              <td className="py-1 pr-3">
                {run ? <ExecutionStatusBadge status={run.status} /> : <span className="text-muted">–</span>}
              </td>
              <td className="py-1 pr-3">
                <ExecutionLink executionId={execution_id} />
              </td>
              <td className="py-1">
                <Time value={started_at} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
