import { X } from 'lucide-react'
import { Toast } from 'radix-ui'
import { Button } from './button.tsx'

/** Something that the reader is told in passing. */
export interface ToastMessage {
  readonly id: number
  readonly tone: 'good' | 'bad'
  readonly text: string
}

const GOOD_MS = 5_000
const BAD_MS = 20_000

/** @param onDismiss is called with the id of a message that has been shown long enough, or was closed */
export function ToastList({
  messages,
  onDismiss,
}: {
  messages: readonly ToastMessage[]
  onDismiss: (id: number) => void
}) {
  return (
    <Toast.Provider>
      {messages.map(({ id, tone, text }) => (
        <Toast.Root
          key={id}
          type={tone === 'bad' ? 'foreground' : 'background'}
          duration={tone === 'bad' ? BAD_MS : GOOD_MS}
          onOpenChange={(open) => !open && onDismiss(id)}
          className="flex items-start justify-between gap-3 rounded-lg border border-line bg-raised p-3 shadow-lg"
        >
          <Toast.Description className={tone === 'bad' ? 'text-bad' : 'text-ink'}>{text}</Toast.Description>
          <Toast.Close asChild>
            <Button variant="quiet" size="icon" className="-my-1.5" aria-label="Dismiss">
              <X />
            </Button>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2" />
    </Toast.Provider>
  )
}
