import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { workerEnvironment, workflowSnippets } from '../home/snippets.ts'
import { useMay } from '../session/session.ts'
import { KeyMaker } from '../settings/key-maker.tsx'

/** What a first worker needs, to be copied: in TypeScript and in Python. */
export function FirstWorker() {
  const [key, setKey] = useState<string>()
  const [isOpen, setOpen] = useState(false)
  const mayMakeKeys = useMay('administer')
  return (
    <div className="flex flex-col gap-6 text-left">
      <section className="flex flex-col gap-2">
        <h2 className="font-semibold">Its environment</h2>
        <CodeBlock code={workerEnvironment(location.origin, key)} label="the worker’s environment" />
        {mayMakeKeys ? (
          <p className="text-xs text-muted">
            <Button size="small" onClick={() => setOpen(true)}>
              Make a key for it
            </Button>{' '}
            of the role worker, which can do this and nothing else.
          </p>
        ) : (
          <p className="text-xs text-muted">An admin of this workspace makes a key of the role worker.</p>
        )}
        <KeyMaker
          open={isOpen}
          onOpenChange={setOpen}
          proposedRole="worker"
          proposedName="first worker"
          onMade={setKey}
        />
      </section>
      <div className="grid grid-cols-1 gap-6 xl:grid-cols-2">
        {workflowSnippets.map(({ id, label, install, files }) => (
          <section key={id} className="flex min-w-0 flex-col gap-2">
            <h2 className="font-semibold">In {label}</h2>
            {install && <CodeBlock code={install} label={`what to install for ${label}`} />}
            {files.map(({ name, code }) => (
              <CodeBlock key={name} code={code.trimEnd()} label={`${name} in ${label}`} />
            ))}
          </section>
        ))}
      </div>
    </div>
  )
}
