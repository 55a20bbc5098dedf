import { useNavigate } from '@tanstack/react-router'
import { Database, Download, Megaphone, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from '../components/button.tsx'
import { complain, say } from '../components/toasts.tsx'
import { Tooltip } from '../components/tooltip.tsx'
import { counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { type Chosen, campaignAddress, exportLines, filterOf, MAX_NAMED } from './chosen-events.ts'
import { DatasetDialog } from './dataset-dialog.tsx'

/** What can be done with events: into a dataset, judged in a campaign, exported. @param label says which events */
export function ChosenActions({ chosen, label }: { chosen: Chosen; label: string }) {
  const mayWrite = useMay('write')
  const navigate = useNavigate()
  const [isDialogOpen, setDialogOpen] = useState(false)
  const [exported, setExported] = useState<number>()
  const stop = useRef<AbortController>(undefined)
  const filter = filterOf(chosen)

  const save = async () => {
    stop.current = new AbortController()
    setExported(0)
    try {
      const blob = await exportLines(chosen, setExported, stop.current.signal)
      const link = document.createElement('a')
      link.href = URL.createObjectURL(blob)
      link.download = 'events.jsonl'
      link.click()
      // The browser still reads it when the click returns.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
      say(`Exported ${label}.`)
    } catch (error) {
      if (!stop.current.signal.aborted) complain(error)
    } finally {
      setExported(undefined)
    }
  }

  const campaign = (
    <Button
      size="small"
      disabled={filter === undefined}
      onClick={() => filter !== undefined && navigate({ href: campaignAddress(filter) })}
    >
      <Megaphone className="size-3.5!" aria-hidden /> Campaign
    </Button>
  )
  return (
    <>
      {mayWrite && (
        <Button size="small" onClick={() => setDialogOpen(true)}>
          <Database className="size-3.5!" aria-hidden /> To dataset
        </Button>
      )}
      {mayWrite &&
        (filter === undefined ? (
          <Tooltip text={`A campaign takes a filter: select up to ${MAX_NAMED} events, or filter for them.`}>
            <span>{campaign}</span>
          </Tooltip>
        ) : (
          campaign
        ))}
      {exported === undefined ? (
        <Button size="small" onClick={save}>
          <Download className="size-3.5!" aria-hidden /> Export
        </Button>
      ) : (
        <Button size="small" onClick={() => stop.current?.abort()}>
          <X className="size-3.5!" aria-hidden /> {counted(exported, 'event')}, stop
        </Button>
      )}
      {isDialogOpen && <DatasetDialog chosen={chosen} label={label} onClose={() => setDialogOpen(false)} />}
    </>
  )
}
