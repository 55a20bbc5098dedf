import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Badge, type Tone } from '../components/badge.tsx'
import { Progress } from '../components/progress.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'

export type ImportTask = Output<'getDatasetTask'>

const EVERY_MS = 700
const SHOWN = 50

/** A dataset's newest imports; asked again and again while one is at work, and when one ends, the records too. */
export function useImportTasks(datasetId: string) {
  const tasks = useQuery({
    ...query('listDatasetTasks', { params: { dataset_id: datasetId }, query: { page: 1, page_size: SHOWN } }),
    refetchInterval: ({ state }) =>
      state.data?.tasks.results.some(({ status }) => status === 'RUNNING') ? EVERY_MS : false,
  })
  const listed = tasks.data?.tasks.results
  useEndedImports(listed)
  return { tasks, running: listed?.filter(({ status }) => status === 'RUNNING') ?? [] }
}

/**
 * Has datasets and their records asked again when an import has ended since the last look. A short one is never seen at
 * work: it may have ended before it is listed for the first time.
 * @param tasks those that had ended at the first look are taken for known: look before a dataset is asked for
 */
export function useEndedImports(tasks: readonly ImportTask[] | undefined): void {
  const known = useRef<ReadonlySet<string>>(undefined)
  useEffect(() => {
    if (!tasks) return
    const ended = tasks.filter(({ status }) => status !== 'RUNNING').map(({ id }) => id)
    if (known.current && !known.current.isSupersetOf(new Set(ended)))
      void refresh('getDataset', 'listDatasets', 'listDatasetRecordPreviews')
    known.current = new Set(ended)
  }, [tasks])
}

const TONES: Readonly<Record<string, Tone>> = { RUNNING: 'accent', COMPLETED: 'good', FAILED: 'bad' }

/** How far an import is, in a line. */
export function TaskLine({ task }: { task: ImportTask }) {
  return (
    <div className="flex min-w-0 items-center gap-3">
      <Badge tone={TONES[task.status] ?? 'plain'}>{task.status.toLowerCase()}</Badge>
      {task.status === 'RUNNING' && (
        <span className="w-40 shrink-0">
          <Progress value={task.progress === null ? null : task.progress / 100} label="Import" />
        </span>
      )}
      <span className={task.status === 'FAILED' ? 'break-words text-bad' : 'truncate text-muted'}>
        {task.message ?? 'It has not begun yet.'}
      </span>
    </div>
  )
}

/** What is being imported, above the records. */
export function RunningImports({ running }: { running: readonly ImportTask[] }) {
  if (running.length === 0) return null
  return (
    <section
      aria-label="Imports at work"
      className="flex flex-col gap-1 border-b border-line bg-accent-soft px-4 py-2"
    >
      {running.map((task) => (
        <TaskLine key={task.id} task={task} />
      ))}
    </section>
  )
}

/** The history of a dataset's imports. */
export function ImportHistory({ tasks }: { tasks: ReturnType<typeof useImportTasks>['tasks'] }) {
  return (
    <Loaded result={tasks}>
      {({ tasks: { results, count } }) =>
        results.length === 0 ? (
          <Empty title="Nothing has been imported yet">
            Imports from files, campaigns, other datasets and conversations are listed here, with their end.
          </Empty>
        ) : (
          <div className="flex flex-col gap-3 p-4">
            <SimpleTable label="Imports" head={['Import', 'Began']}>
              {results.map((task) => (
                <tr key={task.id}>
                  <td className="w-full max-w-0">
                    <TaskLine task={task} />
                  </td>
                  <td>
                    <Time value={task.created_at} />
                  </td>
                </tr>
              ))}
            </SimpleTable>
            {count > results.length && (
              <p className="text-muted">
                The newest {results.length} of {count}.
              </p>
            )}
          </div>
        )
      }
    </Loaded>
  )
}
