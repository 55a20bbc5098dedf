import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { call } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { useNow } from '../components/now.ts'
import { Progress } from '../components/progress.tsx'
import { Failure } from '../components/states.tsx'
import { duration } from '../formats/durations.ts'
import { counted } from '../formats/numbers.ts'
import type { Dataset } from './dataset-dialog.tsx'

/** A link of the server's own; nothing else is made a link of. */
function checkedLink(url: string): string | undefined {
  const { protocol, pathname, search } = new URL(url, location.origin)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  // Where this page comes from, the file comes from too, under whatever address that is.
  return pathname + search
}

/** Has a dataset written into a file, which the browser then downloads, and gives the link to it. Closing it stops the writing. */
export function ExportDialog({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const written = useQuery({
    queryKey: ['exportDataset', dataset.id],
    queryFn: ({ signal }) => call('exportDataset', { params: { dataset_id: dataset.id } }, { signal }),
    // Each export is as of its own moment.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const url = written.data?.file_url
  const link = url === undefined || written.isFetching ? undefined : checkedLink(url)
  const anchor = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    // The browser's own download streams it and shows how far it is.
    if (link) anchor.current?.click()
  }, [link])
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Export “${dataset.name}”`}
      description={`${counted(dataset.record_count, 'record')}, one a line as JSONL. Importing the file gives the same records.`}
    >
      {written.isFetching && <Writing />}
      {written.error && !written.isFetching && (
        <Failure error={written.error} onRetry={() => written.refetch()} />
      )}
      {link && url && (
        <div className="flex flex-col gap-3">
          <p role="status">
            The file is written and the download has begun; the browser shows how far it is.
          </p>
          <div className="flex items-center gap-2">
            <Button asChild variant="primary">
              <a ref={anchor} href={link} download={`${dataset.name}.jsonl`} rel="noreferrer noopener">
                <Download aria-hidden /> Download it again
              </a>
            </Button>
            <CopyButton text={url} label="Copy the link" />
          </div>
          <p className="text-muted">
            The link works for 24 hours, for whoever has it, without a key. The file goes after 7 days.
          </p>
        </div>
      )}
      <DialogActions>
        <Button onClick={onClose}>{written.isFetching ? 'Stop' : 'Close'}</Button>
      </DialogActions>
    </Dialog>
  )
}

function Writing() {
  const [since] = useState(Date.now)
  const now = useNow(1_000)
  return (
    <>
      <p role="status">The file is being written… {now - since >= 1_000 && duration(now - since)}</p>
      <Progress value={null} label="Writing the file" />
    </>
  )
}
