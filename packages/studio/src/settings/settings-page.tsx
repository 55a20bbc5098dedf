import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Page } from '../components/page.tsx'
import { Empty } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { useMay, useSession } from '../session/session.ts'
import { BrowserTab } from './browser-tab.tsx'
import { DoctorTab } from './doctor-tab.tsx'
import { KeysTab } from './keys-tab.tsx'
import { ProvidersTab } from './providers-tab.tsx'
import { ServerTab } from './server-tab.tsx'
import type { SettingsTab } from './settings-tabs.ts'
import { WorkspacesTab } from './workspaces-tab.tsx'

/** Keys, workspaces, and the server itself, as far as the reader's key reaches. */
export function SettingsPage() {
  const { tab = 'keys' } = useSearch({ from: '/shell/settings' })
  const navigate = useNavigate()
  const session = useSession()
  const isAdmin = useMay('administer')
  const isKeeper = isAdmin && session.is_default_workspace
  const ofKeepers = (content: ReactNode) =>
    isKeeper ? content : <Closed>an admin of the default workspace</Closed>
  const tabs: readonly { value: SettingsTab; label: string; content: ReactNode }[] = [
    {
      value: 'keys',
      label: 'Keys and roles',
      content: <KeysTab />,
    },
    {
      value: 'workspaces',
      label: 'Workspaces',
      content: ofKeepers(<WorkspacesTab />),
    },
    { value: 'providers', label: 'Providers', content: ofKeepers(<ProvidersTab />) },
    { value: 'server', label: 'Server and retention', content: ofKeepers(<ServerTab />) },
    { value: 'doctor', label: 'Doctor', content: ofKeepers(<DoctorTab />) },
    { value: 'browser', label: 'This browser', content: <BrowserTab /> },
  ]
  return (
    <Page title="Settings" fill>
      <Tabs
        label="Settings"
        value={tab}
        onValueChange={(value) => navigate({ to: '/settings', search: { tab: value as SettingsTab } })}
        tabs={tabs.map((one) => ({ ...one, content: <div className="max-w-5xl p-6">{one.content}</div> }))}
      />
    </Page>
  )
}

function Closed({ children }: { children: ReactNode }) {
  const session = useSession()
  return (
    <Empty title={`Only ${children} sees this`}>
      <p>
        This browser is logged in with the key “{session.key.name}” of the role {session.role} in the
        workspace {session.workspace.name}. Log out and in again with another key to see more.
      </p>
    </Empty>
  )
}
