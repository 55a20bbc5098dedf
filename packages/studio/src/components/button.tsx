import { clsx } from 'clsx'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'

const VARIANTS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent',
  secondary: 'bg-surface text-ink border-line-strong hover:bg-sunken',
  quiet: 'border-transparent text-muted hover:bg-sunken hover:text-ink',
  danger: 'bg-surface text-bad border-bad hover:bg-bad-soft',
} as const

/** @param asChild gives the looks to the only child instead, such as a link */
export function Button({
  variant = 'secondary',
  size = 'normal',
  asChild = false,
  className,
  ...props
}: ComponentProps<'button'> & {
  variant?: keyof typeof VARIANTS
  size?: 'normal' | 'small' | 'icon'
  asChild?: boolean
}) {
  const Element = asChild ? Slot.Root : 'button'
  return (
    <Element
      type={asChild ? undefined : 'button'}
      className={clsx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors disabled:opacity-50 [&_svg]:size-4',
        size === 'normal' && 'h-8 px-3 text-sm',
        size === 'small' && 'h-7 px-2 text-xs',
        size === 'icon' && 'size-8',
        VARIANTS[variant],
        className,
      )}
      {...props}
    />
  )
}
