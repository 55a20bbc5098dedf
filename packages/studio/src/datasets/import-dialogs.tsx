import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { campaigns, datasets, type NamedThing, type Things } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Failure } from '../components/states.tsx'
import { say } from '../components/toasts.tsx'
import { allRecordIds, copyRecords, type Task } from './import-ids.ts'

/** Chooses what is imported, and begins. */
function ImportDialog({
  title,
  description,
  things,
  empty,
  start,
  onClose,
}: {
  title: string
  description: string
  things: Things
  empty: string
  start: (thing: NamedThing) => Promise<readonly Task[]>
  onClose: () => void
}) {
  const [chosen, setChosen] = useState<NamedThing>()
  const begin = useMutation({
    mutationFn: start,
    onSuccess: async (tasks) => {
      await refresh('listDatasetTasks')
      say(tasks.length === 0 ? 'There is nothing to import in it.' : 'The import has begun.')
      onClose()
    },
  })
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title} description={description}>
      <Field label={things.noun[0]!.toUpperCase() + things.noun.slice(1)}>
        <Choice
          things={things}
          words={`Choose a ${things.noun}`}
          chosen={chosen}
          onChoose={setChosen}
          empty={empty}
        />
      </Field>
      {begin.error && <Failure error={begin.error} />}
      <DialogActions>
        <Button onClick={onClose}>Go back</Button>
        <Button
          variant="primary"
          disabled={!chosen || begin.isPending}
          onClick={() => chosen && begin.mutate(chosen)}
        >
          {begin.isPending ? 'Beginning…' : 'Import'}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

/** Imports what a campaign has judged. */
export function CampaignImportDialog({ datasetId, onClose }: { datasetId: string; onClose: () => void }) {
  return (
    <ImportDialog
      title="Import from a campaign"
      description="Each conversation that the campaign has judged becomes a record, with the judge's answer and analysis as properties."
      things={campaigns}
      empty="Campaigns are made under Campaigns, or from the Explorer."
      start={async ({ id }) => [
        await call('importFromCampaign', { params: { dataset_id: datasetId }, body: { campaign_id: id } }),
      ]}
      onClose={onClose}
    />
  )
}

/** Copies all records of another dataset. */
export function DatasetImportDialog({ datasetId, onClose }: { datasetId: string; onClose: () => void }) {
  return (
    <ImportDialog
      title="Copy another dataset"
      description="All its records are copied. To copy some of them, select them there."
      things={datasets(datasetId)}
      empty="There is no other dataset to copy from."
      start={async ({ id }) => copyRecords(datasetId, await allRecordIds(id))}
      onClose={onClose}
    />
  )
}
