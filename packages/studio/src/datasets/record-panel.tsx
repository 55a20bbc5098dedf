import { useQuery } from '@tanstack/react-query'
import { ChevronDown, ChevronUp, Trash2 } from 'lucide-react'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { Time } from '../components/time.tsx'
import { complain, say } from '../components/toasts.tsx'
import { ConversationView } from '../conversation/conversation-view.tsx'
import { useMay } from '../session/session.ts'
import { recordQuery } from './exact-record.ts'
import { pretty } from './record-draft.ts'
import { type RecordContent, RecordEditor } from './record-editor.tsx'
import { RecordJudging } from './record-judging.tsx'

type Side = 'edit' | 'judge' | undefined

interface PanelProps {
  readonly recordId: string
  readonly side: Side
  readonly onSide: (side: Side) => void
  readonly onClose: () => void
  readonly onDeleted: () => void
  /** Absent at the ends, or where the neighbours are not known. */
  readonly onPrevious?: (() => void) | undefined
  readonly onNext?: (() => void) | undefined
}

/** A record: read, edited, judged. */
export function RecordPanel(props: PanelProps) {
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()} title="Record" side="right">
      <Content key={props.recordId} {...props} />
    </Dialog>
  )
}

function Content({ recordId, side, onSide, onDeleted, onPrevious, onNext }: PanelProps) {
  const mayWrite = useMay('write')
  const confirm = useConfirm()
  const record = useQuery(recordQuery(recordId))

  if (record.error instanceof ApiError && record.error.status === 404)
    return <Empty title="This record is not there">It was deleted, or the address is mistyped.</Empty>
  if (!record.data)
    return record.error ? (
      <Failure error={record.error} onRetry={() => record.refetch()} />
    ) : (
      <Loading label="Loading the record" />
    )
  const { rounding } = record.data
  const { payload, properties, created_at, updated_at } = record.data.record

  const save = async (changed: Partial<RecordContent>) => {
    const params = { dataset_record_id: recordId }
    try {
      if (changed.payload)
        await call('replaceDatasetRecordPayload', { params, body: { payload: changed.payload as never } })
      if (changed.properties)
        await call('replaceDatasetRecordProperties', { params, body: { properties: changed.properties } })
      say('The record was saved.')
    } catch (error) {
      complain(error)
    } finally {
      await refresh('getDatasetRecord', 'listDatasetRecordPreviews')
    }
  }

  const remove = async () => {
    const isMeant = await confirm({
      title: 'Delete this record?',
      text: 'This cannot be undone.',
      action: 'Delete',
    })
    if (!isMeant) return
    try {
      await call('deleteDatasetRecord', { params: { dataset_record_id: recordId } })
      say('The record was deleted.')
      onDeleted()
      await refresh('getDataset', 'listDatasets', 'listDatasetRecordPreviews')
    } catch (error) {
      complain(error)
    }
  }

  const reading = (
    <div className="flex flex-col gap-4 pt-2">
      {payload.messages.length === 0 ? (
        <Empty title="The conversation is empty" />
      ) : (
        <ConversationView messages={payload.messages} />
      )}
      {Object.keys(payload).length > 1 && (
        <section>
          <h3 className="mb-1 font-semibold">Beside the messages</h3>
          <CodeBlock label="the rest of the payload" code={pretty({ ...payload, messages: undefined })} />
        </section>
      )}
      <section>
        <h3 className="mb-1 font-semibold">Properties</h3>
        <CodeBlock label="properties" code={pretty(properties)} />
      </section>
    </div>
  )

  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2">
      <div className="flex items-center gap-2 text-xs text-muted">
        <span className="min-w-0 truncate">
          added <Time value={created_at} />
          {updated_at !== created_at && (
            <>
              , changed <Time value={updated_at} relative />
            </>
          )}
        </span>
        <span className="flex-1" />
        <Button
          variant="quiet"
          size="icon"
          aria-label="Record before"
          disabled={!onPrevious}
          onClick={onPrevious}
        >
          <ChevronUp />
        </Button>
        <Button variant="quiet" size="icon" aria-label="Record after" disabled={!onNext} onClick={onNext}>
          <ChevronDown />
        </Button>
        {mayWrite && (
          <Button variant="quiet" size="icon" aria-label="Delete the record" onClick={remove}>
            <Trash2 />
          </Button>
        )}
      </div>
      {mayWrite ? (
        <Tabs
          label="Sides of the record"
          value={side ?? 'read'}
          onValueChange={(value) => onSide(value === 'read' ? undefined : (value as Side))}
          tabs={[
            { value: 'read', label: 'Read', content: reading },
            {
              value: 'edit',
              label: 'Edit',
              content: rounding ? (
                <Failure error={rounding} />
              ) : (
                <div className="pt-3">
                  <RecordEditor content={{ payload, properties }} onSave={save} />
                </div>
              ),
            },
            {
              value: 'judge',
              label: 'Judge',
              content: (
                <div className="p-1 pt-3">
                  <RecordJudging recordId={recordId} />
                </div>
              ),
            },
          ]}
        />
      ) : (
        reading
      )}
    </div>
  )
}
