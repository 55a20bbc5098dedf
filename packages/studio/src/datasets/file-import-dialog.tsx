import { useEffect, useRef, useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { upload } from '../api/upload.ts'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Progress } from '../components/progress.tsx'
import { Failure } from '../components/states.tsx'
import { say } from '../components/toasts.tsx'
import { bytes, count, counted, percent } from '../formats/numbers.ts'
import { checkJsonl, type JsonlSummary, MAX_PROBLEMS, withoutLines } from './jsonl-check.ts'

/** Hours for which the server keeps the uploaded file, in case that it must begin again. */
const KEPT_HOURS = '72'
const SHOWN_PROBLEMS = 50
const SHOWN_CHARACTERS = 1_500

type Stage =
  | { readonly name: 'reading'; readonly done: number }
  | { readonly name: 'ready'; readonly summary: JsonlSummary }
  | { readonly name: 'sending'; readonly done: number; readonly summary: JsonlSummary }
  | { readonly name: 'failed'; readonly error: Error; readonly summary: JsonlSummary | undefined }

/** Looks at a JSONL file, says what is wrong by line, sends it and begins its import. */
export function FileImportDialog({
  datasetId,
  file,
  onClose,
}: {
  datasetId: string
  file: File
  onClose: () => void
}) {
  const [stage, setStage] = useState<Stage>({ name: 'reading', done: 0 })
  const stop = useRef(new AbortController())

  useEffect(() => {
    const control = new AbortController()
    stop.current = control
    const onProgress = (read: number) => setStage({ name: 'reading', done: file.size && read / file.size })
    checkJsonl(file, { signal: control.signal, onProgress }).then(
      (summary) => setStage({ name: 'ready', summary }),
      (error: Error) => {
        if (!control.signal.aborted) setStage({ name: 'failed', error, summary: undefined })
      },
    )
    return () => control.abort()
  }, [file])

  const send = async (content: Blob, summary: JsonlSummary) => {
    setStage({ name: 'sending', done: 0, summary })
    const { signal } = stop.current
    try {
      const form = new FormData()
      form.append('purpose', 'evaluation')
      form.append('expiry', KEPT_HOURS)
      form.append('file', content, file.name)
      const sent = await upload('uploadFile', form, {
        signal,
        onProgress: (done) => setStage({ name: 'sending', done, summary }),
      })
      await call(
        'importFromFile',
        { params: { dataset_id: datasetId }, body: { file_id: sent.id } },
        { signal },
      )
      await refresh('listDatasetTasks')
      say(`The import of ${file.name} has begun.`)
      onClose()
    } catch (error) {
      if (!signal.aborted) setStage({ name: 'failed', error: error as Error, summary })
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Import ${file.name}`}
      description={bytes(file.size)}
    >
      {stage.name === 'reading' && (
        <Working label={`Reading the file: ${percent(stage.done)}`} done={stage.done} onStop={onClose} />
      )}
      {stage.name === 'sending' && (
        <Working label={`Uploading: ${percent(stage.done)}`} done={stage.done} onStop={onClose} />
      )}
      {stage.name === 'failed' && (
        <>
          <Failure error={stage.error} />
          <DialogActions>
            <Button onClick={onClose}>Go back</Button>
          </DialogActions>
        </>
      )}
      {stage.name === 'ready' && (
        <Ready file={file} summary={stage.summary} onSend={send} onClose={onClose} />
      )}
    </Dialog>
  )
}

function Working({ label, done, onStop }: { label: string; done: number; onStop: () => void }) {
  return (
    <>
      <p role="status">{label}</p>
      <Progress value={done} label={label} />
      <DialogActions>
        <Button onClick={onStop}>Stop</Button>
      </DialogActions>
    </>
  )
}

function Ready({
  file,
  summary,
  onSend,
  onClose,
}: {
  file: File
  summary: JsonlSummary
  onSend: (content: Blob, summary: JsonlSummary) => void
  onClose: () => void
}) {
  const { records, problems, problemCount, first } = summary
  const canLeaveOut = problemCount > 0 && records > 0 && problemCount <= MAX_PROBLEMS
  return (
    <>
      <p>
        {records > 0
          ? `${counted(records, 'record')} to import.`
          : 'There is no record in this file. Each line must be a JSON object with `messages`, such as '}
        {records === 0 && (
          <code className="font-mono text-xs">{'{"messages": [{"role": "user", "content": "…"}]}'}</code>
        )}
      </p>
      {problemCount > 0 && (
        <section aria-label="Lines that are no records" className="flex flex-col gap-2">
          <p className="text-bad">
            {counted(problemCount, 'line')} {problemCount === 1 ? 'is no record' : 'are no records'}:
          </p>
          <ol
            className="max-h-56 overflow-y-auto rounded-md border border-line"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
          >
            {problems.slice(0, SHOWN_PROBLEMS).map(({ line, message }) => (
              <li key={line} className="border-b border-line px-3 py-1 last:border-b-0">
                <span className="font-medium tabular-nums">Line {count(line)}:</span> {message}
              </li>
            ))}
          </ol>
          {problemCount > SHOWN_PROBLEMS && (
            <p className="text-xs text-muted">The first {SHOWN_PROBLEMS} are shown.</p>
          )}
          {canLeaveOut ? (
            <p className="text-muted">
              Mend the file and choose it again, or import the others without{' '}
              {problemCount === 1 ? 'this line' : 'these lines'}.
            </p>
          ) : (
            <p className="text-muted">Mend the file and choose it again.</p>
          )}
        </section>
      )}
      {first && (
        <section className="min-w-0">
          <h3 className="mb-1 font-medium">The first record</h3>
          <CodeBlock
            label="the first record"
            code={JSON.stringify(first, null, 2).slice(0, SHOWN_CHARACTERS)}
          />
        </section>
      )}
      <DialogActions>
        <Button onClick={onClose}>Go back</Button>
        {canLeaveOut && (
          <Button variant="primary" onClick={() => onSend(withoutLines(file, problems), summary)}>
            Import the other {counted(records, 'record')}
          </Button>
        )}
        {problemCount === 0 && (
          <Button variant="primary" disabled={records === 0} onClick={() => onSend(file, summary)}>
            Import
          </Button>
        )}
      </DialogActions>
    </>
  )
}
