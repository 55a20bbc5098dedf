import { clsx } from 'clsx'
import type { ComponentProps } from 'react'

/** What all controls look like; the height is each one's own. */
export const LOOKS =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink placeholder:text-muted disabled:opacity-60 aria-invalid:border-bad'

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={clsx('h-8', LOOKS, className)} {...props} />
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={clsx('min-h-20 py-1.5', LOOKS, className)} {...props} />
}

/** The system's own select: it works with every keyboard and screen reader. */
export function Select({ className, ...props }: ComponentProps<'select'>) {
  return <select className={clsx('h-8 pr-7', LOOKS, className)} {...props} />
}
