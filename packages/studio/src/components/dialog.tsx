import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { useReturnFocus } from './return-focus.ts'

/** @param side `center`, or `right` for a panel over the page's edge */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  side = 'center',
  wide = false,
  children,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  side?: 'center' | 'right'
  wide?: boolean
  children: ReactNode
}) {
  const returnFocus = useReturnFocus()
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Primitive.Content
          {...returnFocus}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={clsx(
            'fixed z-50 flex flex-col gap-3 border border-line bg-raised p-5 shadow-xl',
            side === 'center'
              ? 'top-1/2 left-1/2 max-h-[88vh] w-[calc(100vw-4rem)] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-xl'
              : 'inset-y-0 right-0 w-[min(46rem,calc(100vw-4rem))] overflow-y-auto',
            side === 'center' && (wide ? 'max-w-4xl' : 'max-w-lg'),
          )}
        >
          <div className="flex items-start justify-between gap-4">
            <div>
              <Primitive.Title className="text-base font-semibold">{title}</Primitive.Title>
              {description && (
                <Primitive.Description className="mt-1 text-muted">{description}</Primitive.Description>
              )}
            </div>
            <Primitive.Close asChild>
              <Button variant="quiet" size="icon" aria-label="Close">
                <X />
              </Button>
            </Primitive.Close>
          </div>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

/** The row of buttons at a dialog's end. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-2 flex justify-end gap-2">{children}</div>
}
