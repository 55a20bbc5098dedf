import { clsx } from 'clsx'
import { Slot } from 'radix-ui'
import { type ComponentProps, type FocusEvent, type MouseEvent, useState } from 'react'

const VARIANTS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent',
  secondary: 'bg-surface text-ink border-line-strong hover:bg-sunken',
  quiet: 'border-transparent text-muted hover:bg-sunken hover:text-ink',
  danger: 'bg-surface text-bad border-bad hover:bg-bad-soft',
} as const

/** A click, by Enter or Space too, is nobody's: it neither acts nor submits a form. */
function ignore(event: MouseEvent): void {
  event.preventDefault()
  event.stopPropagation()
}
const INERT = { 'aria-disabled': true, onClick: ignore, onPointerDown: undefined, onKeyDown: undefined }

/**
 * A button that is disabled while it has the focus, as while it waits for an answer, keeps it: where the browser disables what
 * has the focus, it is on nothing.
 * @param asChild gives the looks to the only child instead, such as a link
 */
export function Button({
  variant = 'secondary',
  size = 'normal',
  asChild = false,
  disabled = false,
  className,
  onFocus,
  onBlur,
  ...props
}: ComponentProps<'button'> & {
  variant?: keyof typeof VARIANTS
  size?: 'normal' | 'small' | 'icon'
  asChild?: boolean
}) {
  const [hasFocus, setHasFocus] = useState(false)
  const Element = asChild ? Slot.Root : 'button'
  return (
    <Element
      type={asChild ? undefined : 'button'}
      className={clsx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:size-4',
        size === 'normal' && 'h-8 px-3 text-sm',
        size === 'small' && 'h-7 px-2 text-xs',
        size === 'icon' && 'size-8',
        VARIANTS[variant],
        className,
      )}
      {...props}
      disabled={disabled && !hasFocus}
      onFocus={(event: FocusEvent<HTMLButtonElement>) => {
        setHasFocus(true)
        onFocus?.(event)
      }}
      onBlur={(event: FocusEvent<HTMLButtonElement>) => {
        // It is still the active one when the whole window is left.
        setHasFocus(document.activeElement === event.currentTarget)
        onBlur?.(event)
      }}
      {...(disabled && hasFocus ? INERT : {})}
    />
  )
}
