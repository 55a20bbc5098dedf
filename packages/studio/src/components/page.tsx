import { type ReactNode, useEffect } from 'react'

/** A page: its title, also the window's, its actions, and what is on it. */
export function Page({
  title,
  actions,
  children,
  fill = false,
}: {
  title: string
  actions?: ReactNode
  children: ReactNode
  /** Whether the content scrolls by itself and takes the height that there is. */
  fill?: boolean
}) {
  useEffect(() => {
    document.title = `${title} · Tramontane`
  }, [title])
  return (
    <div className={fill ? 'flex h-full min-h-0 flex-col' : 'flex flex-col'}>
      <header className="flex min-h-14 items-center justify-between gap-4 border-b border-line bg-surface px-6 py-2">
        <h1 className="truncate text-lg font-semibold">{title}</h1>
        {actions && <div className="flex items-center gap-2">{actions}</div>}
      </header>
      {fill ? (
        <div className="flex min-h-0 flex-1 flex-col">{children}</div>
      ) : (
        <div className="p-6">{children}</div>
      )}
    </div>
  )
}

export function Card({
  title,
  actions,
  children,
}: {
  title?: string
  actions?: ReactNode
  children: ReactNode
}) {
  return (
    <section className="rounded-lg border border-line bg-surface">
      {title && (
        <header className="flex items-center justify-between gap-3 border-b border-line px-4 py-2.5">
          <h2 className="font-semibold">{title}</h2>
          {actions}
        </header>
      )}
      <div className="p-4">{children}</div>
    </section>
  )
}
