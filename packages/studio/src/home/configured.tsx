import { Link } from '@tanstack/react-router'
import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-react'
import { Fragment, type ReactNode } from 'react'
import { Card } from '../components/page.tsx'
import { counted } from '../formats/numbers.ts'
import { useMay, useSession } from '../session/session.ts'
import type { Overview } from './overview.ts'

type State = 'good' | 'open' | 'bad'

/** What the server was given and what it lacks, each with the way to it. */
export function Configured({ overview }: { overview: Overview }) {
  const { is_default_workspace } = useSession()
  const isKeeper = useMay('administer') && is_default_workspace
  return (
    <Card
      title="Configured"
      actions={
        isKeeper && (
          <Link to="/settings" search={{ tab: 'server' }} className="text-accent hover:underline">
            Settings
          </Link>
        )
      }
    >
      <ul className="flex flex-col gap-3">
        {items(overview).map(({ label, state, text, way }) => (
          <li key={label} className="flex gap-2.5">
            <Mark state={state} />
            <div className="min-w-0">
              <p className="font-medium">{label}</p>
              <p className="break-words text-muted">{text}</p>
              {way && <p className="mt-0.5 text-xs break-words text-muted">{way}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  )
}

interface Item {
  readonly label: string
  readonly state: State
  readonly text: ReactNode
  readonly way?: ReactNode
}

function items(overview: Overview): Item[] {
  const { providers, workflows, retention_days: days, workflow_retention_days: workflowDays } = overview
  return [
    providers.length > 0
      ? {
          label: 'Model provider',
          state: 'good',
          text: providers.map(({ name, models }) => `${name} (${models})`).join(', '),
        }
      : {
          label: 'Model provider',
          state: 'bad',
          text: 'There is none: calls through the gateway and judges are answered with an error.',
          way: (
            <>
              Set <Variable>TRAMONTANE_PROVIDER_URL</Variable> and{' '}
              <Variable>TRAMONTANE_PROVIDER_API_KEY</Variable>, and start the server again.
            </>
          ),
        },
    engineOf(workflows),
    overview.nb_workers > 0
      ? {
          label: 'Workers',
          state: 'good',
          text: `${counted(overview.nb_workers, 'worker')} at work`,
        }
      : {
          label: 'Workers',
          state: 'open',
          text: overview.last_worker_at ? 'None is there now.' : 'None has been seen yet.',
          way: workflows.worker_address
            ? `They connect to ${workflows.worker_address} by themselves: they only need this server’s address and a key.`
            : workflows.worker_closed,
        },
    {
      label: 'Retention',
      state: 'good',
      text:
        days === null
          ? `Events are kept for ever, the history of ended executions for ${counted(workflowDays, 'day')}.`
          : `Events are kept for ${counted(days, 'day')}, the history of ended executions for ${counted(workflowDays, 'day')}.`,
      way: (
        <>
          <Variable>TRAMONTANE_RETENTION_DAYS</Variable>,{' '}
          <Variable>TRAMONTANE_WORKFLOW_RETENTION_DAYS</Variable>
        </>
      ),
    },
    {
      label: 'Public address',
      state: overview.is_public_url_set ? 'good' : 'open',
      text: overview.public_url,
      way: overview.is_public_url_set ? undefined : (
        <>
          That is where it listens. If others reach it elsewhere, set{' '}
          <Variable>TRAMONTANE_PUBLIC_URL</Variable>: links begin with it.
        </>
      ),
    },
  ]
}

function engineOf({ engine, unavailable }: Overview['workflows']): Item {
  const label = 'Workflow engine'
  if (unavailable === null)
    return {
      label,
      state: 'good',
      text: engine === 'managed' ? 'Temporal, looked after by this server' : 'a Temporal that runs elsewhere',
    }
  return { label, state: engine === 'none' ? 'open' : 'bad', text: unavailable }
}

function Variable({ children }: { children: string }) {
  // Long names break between their words.
  return (
    <code className="font-mono text-[0.7rem]">
      {children.split('_').map((word, index) => (
        <Fragment key={word}>
          {index > 0 && (
            <>
              _<wbr />
            </>
          )}
          {word}
        </Fragment>
      ))}
    </code>
  )
}

function Mark({ state }: { state: State }) {
  if (state === 'good')
    return <CircleCheck aria-label="in order" className="mt-0.5 size-4 shrink-0 text-good" />
  if (state === 'bad') return <CircleAlert aria-label="missing" className="mt-0.5 size-4 shrink-0 text-bad" />
  return <CircleDashed aria-label="open" className="mt-0.5 size-4 shrink-0 text-muted" />
}
