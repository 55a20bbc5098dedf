import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Dialog } from '../components/dialog.tsx'
import { complain, say } from '../components/toasts.tsx'
import { RecordEditor } from './record-editor.tsx'

const EMPTY = {
  payload: {
    messages: [
      { role: 'user', content: '' },
      { role: 'assistant', content: '' },
    ],
  },
  properties: {},
}

/** Writes a record by hand. */
export function NewRecordDialog({ datasetId, onClose }: { datasetId: string; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New record" side="right">
      <RecordEditor
        isNew
        content={EMPTY}
        saveLabel="Add the record"
        onSave={async ({ payload, properties }) => {
          try {
            await call('createDatasetRecord', {
              params: { dataset_id: datasetId },
              body: { payload: payload as never, properties: properties ?? {} },
            })
          } catch (error) {
            complain(error)
            return
          }
          say('The record was added at the end.')
          onClose()
          await refresh('getDataset', 'listDatasets', 'listDatasetRecordPreviews')
        }}
      />
    </Dialog>
  )
}
