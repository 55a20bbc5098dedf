import {
  Activity,
  Clock,
  Cog,
  CornerDownRight,
  Flag,
  type LucideIcon,
  Pencil,
  Radio,
  Send,
  Square,
  Tag,
} from 'lucide-react'
import type { Tone } from '../components/badge.tsx'
import type { GroupKind, GroupState, HistoryGroup } from './history-groups.ts'

/** What kinds of things are called, in the singular and where there are many, and how they look. */
export const KINDS: Readonly<Record<GroupKind, { label: string; plural: string; icon: LucideIcon }>> = {
  activity: { label: 'Activity', plural: 'Activities', icon: Activity },
  child: { label: 'Child workflow', plural: 'Children', icon: CornerDownRight },
  timer: { label: 'Timer', plural: 'Timers', icon: Clock },
  signal: { label: 'Signal', plural: 'Signals', icon: Radio },
  update: { label: 'Update', plural: 'Updates', icon: Pencil },
  external: { label: 'To another', plural: 'To others', icon: Send },
  marker: { label: 'Marker', plural: 'Markers', icon: Tag },
  task: { label: 'Workflow task', plural: 'Workflow tasks', icon: Cog },
  run: { label: 'Run', plural: 'Run', icon: Flag },
  other: { label: 'Event', plural: 'Other events', icon: Square },
}

/** How something stands, with the state of its attempts where they are known. */
export type ShownState = GroupState | 'retrying'

export const STATE_LOOKS: Readonly<Record<ShownState, { label: string; tone: Tone; bar: string }>> = {
  open: { label: 'under way', tone: 'accent', bar: 'bg-accent' },
  retrying: { label: 'retrying', tone: 'warn', bar: 'bg-warn' },
  completed: { label: 'done', tone: 'good', bar: 'bg-good' },
  failed: { label: 'failed', tone: 'bad', bar: 'bg-bad' },
  canceled: { label: 'canceled', tone: 'warn', bar: 'bg-warn' },
  'timed out': { label: 'timed out', tone: 'bad', bar: 'bg-bad' },
  noted: { label: '', tone: 'note', bar: 'bg-note' },
}

/** Markers that the SDKs make are called by what they are for. */
export function shownName({ kind, name, resetFrom }: HistoryGroup): string {
  if (resetFrom !== null) return 'Reset'
  if (kind === 'timer') return `Timer ${name}`
  if (kind === 'marker' && name === 'core_patch') return 'Patch'
  return name || KINDS[kind].label
}
