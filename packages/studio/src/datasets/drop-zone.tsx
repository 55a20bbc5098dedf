import { Upload } from 'lucide-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'

/** Takes a file that is dropped anywhere on what is inside. @param onFile left out: nothing is taken */
export function DropZone({
  onFile,
  children,
}: {
  onFile?: ((file: File) => void) | undefined
  children: ReactNode
}) {
  const [isOver, setOver] = useState(false)
  // Entering a child leaves its parent: only as many leaves as entries are a real one.
  const depth = useRef(0)
  if (!onFile) return <div className="flex min-h-0 flex-1 flex-col">{children}</div>
  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files')
  const end = () => {
    depth.current = 0
    setOver(false)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside it does the same by keyboard
    <div
      data-testid="drop-zone"
      className="relative flex min-h-0 flex-1 flex-col"
      onDragEnter={(event) => {
        if (!hasFiles(event)) return
        depth.current++
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (hasFiles(event) && --depth.current <= 0) end()
      }}
      onDragOver={(event) => {
        if (hasFiles(event)) event.preventDefault()
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        end()
        const [file] = event.dataTransfer.files
        if (file) onFile(file)
      }}
    >
      {children}
      {isOver && (
        <div className="pointer-events-none absolute inset-2 z-20 flex flex-col items-center justify-center gap-2 rounded-xl border-2 border-dashed border-accent bg-accent-soft text-accent">
          <Upload className="size-6" aria-hidden />
          <p className="font-medium">Drop a JSONL file to import it</p>
        </div>
      )}
    </div>
  )
}
