import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { Card } from '../components/page.tsx'
import { Tabs } from '../components/tabs.tsx'
import { Time } from '../components/time.tsx'
import { useMay } from '../session/session.ts'
import { KeyMaker } from '../settings/key-maker.tsx'
import type { Overview } from './overview.ts'
import {
  exampleModel,
  keySnippet,
  type Snippet,
  trafficSnippets,
  workerEnvironment,
  workflowSnippets,
} from './snippets.ts'

const EXPLORER: string = '/explorer'
const WORKFLOWS: string = '/workflows'

/** What to do first, with the code for it and the sign that it worked. */
export function FirstSteps({ overview }: { overview: Overview }) {
  return (
    <div className="flex flex-col gap-4">
      <SendTraffic overview={overview} />
      <WriteWorkflow overview={overview} />
    </div>
  )
}

function SendTraffic({ overview }: { overview: Overview }) {
  const [key, setKey] = useState<string>()
  const snippets = trafficSnippets(overview.public_url, exampleModel(overview.providers))
  return (
    <Step
      title="Send traffic"
      isDone={overview.last_event_at !== null}
      sign={
        overview.last_event_at === null ? (
          'Waiting for the first call. This turns by itself.'
        ) : (
          <>
            It works: the newest call was <Time value={overview.last_event_at} relative />.{' '}
            <Link to={EXPLORER} className="text-accent underline underline-offset-2">
              Look at it
            </Link>
          </>
        )
      }
    >
      <p className="max-w-prose text-muted">
        Your application stays as it is: its client gets the address of this server and a key of it. Each call
        goes on to the model provider and is recorded here.
      </p>
      {overview.providers.length === 0 && (
        <p className="rounded-md bg-warn-soft p-2 text-warn">
          There is no model provider yet, so calls are answered with an error (and recorded as such).
        </p>
      )}
      <KeyLine
        keyRole="ingest"
        name="first application"
        label="the application’s environment"
        code={keySnippet(key)}
        onKey={setKey}
      />
      <Choice snippets={snippets} label="Client" />
    </Step>
  )
}

function WriteWorkflow({ overview }: { overview: Overview }) {
  const [key, setKey] = useState<string>()
  const { workflows } = overview
  return (
    <Step
      title="Write a workflow"
      isDone={overview.last_worker_at !== null}
      sign={
        overview.last_worker_at === null ? (
          'Waiting for the first worker. This turns by itself.'
        ) : (
          <>
            It works: a worker was last heard of <Time value={overview.last_worker_at} relative />.{' '}
            <Link to={WORKFLOWS} className="text-accent underline underline-offset-2">
              Start its workflow
            </Link>
          </>
        )
      }
    >
      <p className="max-w-prose text-muted">
        A workflow is code that is bound to finish: its steps are recorded, and when the machine that runs it
        dies, another one goes on where it was. A worker runs it on your machines.
      </p>
      {workflows.unavailable !== null && (
        <p className="rounded-md bg-warn-soft p-2 text-warn">{workflows.unavailable}</p>
      )}
      <KeyLine
        keyRole="worker"
        name="first worker"
        label="the worker’s environment"
        code={workerEnvironment(overview.public_url, key)}
        onKey={setKey}
      />
      <Choice snippets={workflowSnippets} label="Language of the worker" />
    </Step>
  )
}

/** A step that is done is folded; its words can be looked up again. */
function Step({
  title,
  isDone,
  sign,
  children,
}: {
  title: string
  isDone: boolean
  sign: ReactNode
  children: ReactNode
}) {
  const [chosen, setOpen] = useState<boolean>()
  const isOpen = chosen ?? !isDone
  return (
    <Card
      title={title}
      actions={
        <Button size="small" variant="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Fold' : 'Show how'}
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <p role="status" className={`flex items-center gap-2 ${isDone ? 'text-good' : 'text-muted'}`}>
          {isDone ? (
            <CircleCheck aria-hidden className="size-4 shrink-0" />
          ) : (
            <CircleDashed aria-hidden className="size-4 shrink-0" />
          )}
          <span>{sign}</span>
        </p>
        {isOpen && children}
      </div>
    </Card>
  )
}

/** The environment with the key in it, which can be made on the spot by who may. */
function KeyLine({
  keyRole,
  name,
  label,
  code,
  onKey,
}: {
  keyRole: 'ingest' | 'worker'
  name: string
  label: string
  code: string
  onKey: (key: string) => void
}) {
  const mayMakeKeys = useMay('administer')
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="flex flex-col gap-2">
      <CodeBlock code={code} label={label} />
      {mayMakeKeys ? (
        <p className="text-xs text-muted">
          <Button size="small" onClick={() => setOpen(true)}>
            Make a key for it
          </Button>{' '}
          of the role {keyRole}, which can do this and nothing else.
        </p>
      ) : (
        <p className="text-xs text-muted">An admin of this workspace makes a key of the role {keyRole}.</p>
      )}
      <KeyMaker
        open={isOpen}
        onOpenChange={setOpen}
        proposedRole={keyRole}
        proposedName={name}
        onMade={onKey}
      />
    </div>
  )
}

function Choice({ snippets, label }: { snippets: readonly Snippet[]; label: string }) {
  const [chosen, choose] = useState(snippets[0]!.id)
  return (
    <div className="overflow-hidden rounded-md border border-line">
      <Tabs
        label={label}
        value={chosen}
        onValueChange={choose}
        tabs={snippets.map(({ id, label: name, install, files }) => ({
          value: id,
          label: name,
          content: (
            <div className="flex flex-col gap-2 p-3">
              {install && <CodeBlock code={install} label={`the installation for ${name}`} />}
              {files.map((file) => (
                <div key={file.name}>
                  <p className="mb-1 font-mono text-xs text-muted">{file.name}</p>
                  <CodeBlock code={file.code} label={file.name} />
                </div>
              ))}
            </div>
          ),
        }))}
      />
    </div>
  )
}
