import { KeyRound, LogOut, type LucideIcon, Monitor, Moon, Stethoscope, Sun } from 'lucide-react'
import { call } from '../api/call.ts'
import { complain } from '../components/toasts.tsx'
import { sections } from '../layout/sections.ts'
import { setTheme } from '../layout/theme.ts'
import type { Findable } from './matching.ts'

/** Something that the palette does: it goes somewhere, or runs. */
export interface Action extends Findable {
  readonly icon?: LucideIcon
  readonly href?: string
  readonly run?: () => unknown
}

/** What there is for whoever looks at the page: pages, the server's state, appearance. */
export function actionsFor(mayAdminister: boolean): Action[] {
  return [
    ...sections
      .flatMap(({ items }) => items)
      .map(({ to, label, icon }): Action => ({ label, icon, href: to })),
    ...(mayAdminister
      ? [
          { label: 'Keys', icon: KeyRound, words: 'make revoke role', href: '/settings?tab=keys' },
          {
            label: 'Test the model providers',
            icon: Stethoscope,
            words: 'latency models',
            href: '/settings?tab=providers',
          },
          {
            label: 'What the doctor says',
            icon: Stethoscope,
            words: 'health examine',
            href: '/settings?tab=doctor',
          },
        ]
      : []),
    {
      label: 'Log in another browser',
      icon: Monitor,
      words: 'link session device',
      href: '/settings?tab=browser',
    },
    { label: 'Theme: light', icon: Sun, words: 'appearance', run: () => setTheme('light') },
    { label: 'Theme: dark', icon: Moon, words: 'appearance', run: () => setTheme('dark') },
    { label: 'Theme: as the system', icon: Monitor, words: 'appearance', run: () => setTheme('system') },
    { label: 'Log out', icon: LogOut, words: 'end session', run: logOut },
  ]
}

/** Ends the session of this browser and leads to the login. */
export async function logOut(): Promise<void> {
  try {
    await call('deleteSession')
    location.assign('/login')
  } catch (error) {
    complain(error)
  }
}
