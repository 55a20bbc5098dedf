import { Tabs as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'

export interface Tab {
  readonly value: string
  readonly label: ReactNode
  readonly content: ReactNode
}

/** Only the chosen tab's content is there. */
export function Tabs({
  tabs,
  value,
  onValueChange,
  label,
}: {
  tabs: readonly Tab[]
  value: string
  onValueChange: (value: string) => void
  label: string
}) {
  return (
    <Primitive.Root value={value} onValueChange={onValueChange} className="flex min-h-0 flex-1 flex-col">
      <Primitive.List
        aria-label={label}
        className="flex shrink-0 gap-0.5 overflow-x-auto border-b border-line px-3"
      >
        {tabs.map((tab) => (
          <Primitive.Trigger
            key={tab.value}
            value={tab.value}
            className="border-b-2 border-transparent px-2.5 py-2 font-medium whitespace-nowrap text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.label}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Content key={tab.value} value={tab.value} className="min-h-0 flex-1 overflow-auto">
          {tab.content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  )
}
