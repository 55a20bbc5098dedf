import {
  Boxes,
  CalendarClock,
  Database,
  Gavel,
  House,
  type LucideIcon,
  Megaphone,
  MessagesSquare,
  Play,
  Search,
  Settings,
  Workflow,
} from 'lucide-react'

/** A page that the navigation and the command palette lead to. */
export interface Section {
  readonly to: string
  readonly label: string
  readonly icon: LucideIcon
}

/** The parts of the studio, as the navigation shows them. */
export const sections: readonly { readonly title: string | null; readonly items: readonly Section[] }[] = [
  { title: null, items: [{ to: '/', label: 'Home', icon: House }] },
  {
    title: 'Observability',
    items: [
      { to: '/explorer', label: 'Explorer', icon: Search },
      { to: '/judges', label: 'Judges', icon: Gavel },
      { to: '/campaigns', label: 'Campaigns', icon: Megaphone },
      { to: '/datasets', label: 'Datasets', icon: Database },
      { to: '/playground', label: 'Playground', icon: MessagesSquare },
    ],
  },
  {
    title: 'Workflows',
    items: [
      { to: '/workflows', label: 'Workflows', icon: Workflow },
      { to: '/executions', label: 'Executions', icon: Play },
      { to: '/schedules', label: 'Schedules', icon: CalendarClock },
      { to: '/deployments', label: 'Deployments', icon: Boxes },
    ],
  },
  { title: null, items: [{ to: '/settings', label: 'Settings', icon: Settings }] },
]
