import { Link, Outlet } from '@tanstack/react-router'
import { LogOut, Monitor, Moon, Search, Sun } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { ConfirmProvider } from '../components/confirm.tsx'
import { Menu, MenuItem } from '../components/menu.tsx'
import { Toasts } from '../components/toasts.tsx'
import { TooltipProvider } from '../components/tooltip.tsx'
import { Jobs } from '../jobs/jobs.tsx'
import { logOut } from '../palette/actions.ts'
import { CommandPalette, openPalette } from '../palette/command-palette.tsx'
import { useSession } from '../session/session.ts'
import { ConnectionNotice } from './connection-notice.tsx'
import mark from './mark.svg'
import { sections } from './sections.ts'
import { setTheme, type Theme, useTheme } from './theme.ts'

/** What is around every page: navigation, who one is, messages. */
export function Shell() {
  return (
    <TooltipProvider>
      <ConfirmProvider>
        <a
          href="#content"
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-3"
        >
          Skip to the content
        </a>
        <div className="grid h-full grid-cols-[13rem_minmax(0,1fr)]">
          <Navigation />
          <main id="content" tabIndex={-1} className="min-h-0 overflow-y-auto outline-none">
            <ConnectionNotice />
            <Outlet />
          </main>
        </div>
        <CommandPalette />
        <Toasts />
      </ConfirmProvider>
    </TooltipProvider>
  )
}

function Navigation() {
  const session = useSession()
  return (
    <header className="flex min-h-0 flex-col border-r border-line bg-surface">
      <Link to="/" className="flex h-14 shrink-0 items-center gap-2.5 px-4 font-semibold">
        <img src={mark} alt="" className="size-6" />
        Tramontane
      </Link>
      <div className="px-2 pb-2">
        <button
          type="button"
          onClick={openPalette}
          aria-keyshortcuts="Control+K Meta+K"
          className="flex w-full items-center gap-2.5 rounded-md border border-line px-2 py-1.5 text-muted hover:bg-sunken hover:text-ink"
        >
          <Search className="size-4" aria-hidden />
          Find
          <kbd className="ml-auto font-mono text-xs" aria-hidden>
            Ctrl K
          </kbd>
        </button>
      </div>
      <nav aria-label="Sections" className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {sections.map(({ title, items }) => (
          <div key={title ?? items[0]!.to} className="mb-3">
            {title && <p className="px-2 pt-1 pb-1 text-xs font-medium text-muted">{title}</p>}
            <ul>
              {items.map(({ to, label, icon: Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    activeOptions={{ exact: to === '/' }}
                    className="flex items-center gap-2.5 rounded-md px-2 py-1.5 text-muted hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
                  >
                    <Icon className="size-4" aria-hidden />
                    {label}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <Jobs />
      <div className="flex items-center justify-between gap-1 border-t border-line px-3 py-2">
        <div className="min-w-0">
          <p className="truncate font-medium">{session.workspace.name}</p>
          <p className="truncate text-xs text-muted">
            {session.role} · {session.key.name}
          </p>
        </div>
        <AccountMenu />
      </div>
    </header>
  )
}

const THEMES: readonly { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: 'system', label: 'As the system', icon: Monitor },
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'dark', label: 'Dark', icon: Moon },
]

function AccountMenu() {
  const theme = useTheme()
  const Icon = THEMES.find((one) => one.theme === theme)!.icon
  return (
    <Menu
      trigger={
        <Button variant="quiet" size="icon" aria-label="Appearance and account">
          <Icon />
        </Button>
      }
    >
      {THEMES.map(({ theme: one, label, icon: ThemeIcon }) => (
        <MenuItem key={one} onSelect={() => setTheme(one)}>
          <ThemeIcon aria-hidden /> {label}
          {one === theme && <span className="ml-auto text-xs text-muted">chosen</span>}
        </MenuItem>
      ))}
      <MenuItem onSelect={logOut}>
        <LogOut aria-hidden /> Log out
      </MenuItem>
    </Menu>
  )
}
