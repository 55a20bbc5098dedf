import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Archive, ArchiveRestore, CalendarClock, Ellipsis, Pencil, Play } from 'lucide-react'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Menu, MenuItem } from '../components/menu.tsx'
import { Page } from '../components/page.tsx'
import { Loaded } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { complain, say } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'
import { EngineNotice } from './engine-notice.tsx'
import { StartPanel } from './start-panel.tsx'
import type { Workflow } from './workflow.ts'
import { WorkflowDefinition } from './workflow-definition.tsx'
import { WorkflowDeployments } from './workflow-deployments.tsx'
import { WorkflowEditor } from './workflow-editor.tsx'
import { WorkflowOverview } from './workflow-overview.tsx'
import { WorkflowRegistrations } from './workflow-registrations.tsx'
import type { WorkflowTab } from './workflow-search.ts'

const route = getRouteApi('/shell/workflows/$workflowName')
const EVERY_MS = 10_000

/** One workflow: how it does, what it declares, and who runs it. */
export function WorkflowPage() {
  const { workflowName } = route.useParams()
  const result = useQuery({
    ...query('getWorkflow', { params: { workflow_identifier: workflowName } }),
    refetchInterval: EVERY_MS,
  })
  const title = result.data?.workflow.display_name ?? workflowName
  return (
    <Page
      title={title}
      fill
      actions={result.data && <Actions key={workflowName} workflow={result.data.workflow} />}
    >
      <EngineNotice />
      <Loaded result={result}>{({ workflow }) => <Content key={workflow.id} workflow={workflow} />}</Loaded>
    </Page>
  )
}

function Content({ workflow }: { workflow: Workflow }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const tabs: { value: WorkflowTab; label: string; content: React.ReactNode }[] = [
    { value: 'overview', label: 'Overview', content: <WorkflowOverview workflow={workflow} /> },
    { value: 'definition', label: 'Definition', content: <WorkflowDefinition workflow={workflow} /> },
    {
      value: 'registrations',
      label: 'Registrations',
      content: <WorkflowRegistrations workflow={workflow} />,
    },
    { value: 'deployments', label: 'Deployments', content: <WorkflowDeployments workflow={workflow} /> },
  ]
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-6 pt-3 pb-1">
        <code className="font-mono text-xs text-muted">{workflow.name}</code>
        {workflow.active ? <Badge tone="good">active</Badge> : <Badge>no worker now</Badge>}
        {workflow.archived && <Badge tone="warn">archived</Badge>}
        {workflow.is_technical && <Badge>of the SDK</Badge>}
        {workflow.tags.map((tag) => (
          <Badge key={tag} tone="note">
            {tag}
          </Badge>
        ))}
        {workflow.description && (
          <p
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            className="max-h-[20vh] w-full max-w-prose overflow-y-auto whitespace-pre-wrap text-muted"
          >
            {workflow.description}
          </p>
        )}
      </div>
      <Tabs
        label="About the workflow"
        tabs={tabs}
        value={search.tab ?? 'overview'}
        onValueChange={(tab) =>
          navigate({ search: { ...search, tab: tab === 'overview' ? undefined : (tab as WorkflowTab) } })
        }
      />
      <StartPanel
        workflow={workflow}
        open={search.start ?? false}
        onOpenChange={(open) => navigate({ search: { ...search, start: open || undefined }, replace: !open })}
      />
    </>
  )
}

function Actions({ workflow }: { workflow: Workflow }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const confirm = useConfirm()
  const [isEditing, setEditing] = useState(false)
  const params = { workflow_identifier: workflow.name }
  const archive = useMutation({
    mutationFn: () =>
      workflow.archived ? call('unarchiveWorkflow', { params }) : call('archiveWorkflow', { params }),
    onSuccess: () => {
      say(
        workflow.archived
          ? 'Brought back from the archive.'
          : 'Archived. The workflow still runs where workers run it.',
      )
      return refresh('getWorkflow', 'listWorkflows')
    },
    onError: complain,
  })
  if (!mayWrite) return null
  return (
    <>
      <Menu
        trigger={
          <Button variant="quiet" size="icon" aria-label="More actions">
            <Ellipsis />
          </Button>
        }
      >
        <MenuItem onSelect={() => setEditing(true)}>
          <Pencil aria-hidden /> Change name, description, tags
        </MenuItem>
        <MenuItem
          onSelect={async () => {
            const isSure =
              workflow.archived ||
              (await confirm({
                title: `Archive the workflow “${workflow.display_name}”?`,
                text: 'It leaves the lists. Executions go on, and it can be brought back at any time.',
                action: 'Archive',
              }))
            if (isSure) archive.mutate()
          }}
        >
          {workflow.archived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
          {workflow.archived ? 'Bring back from the archive' : 'Archive'}
        </MenuItem>
      </Menu>
      <Button asChild>
        <Link to="/schedules" search={{ new: workflow.name }}>
          <CalendarClock aria-hidden /> Schedule
        </Link>
      </Button>
      <Button variant="primary" onClick={() => navigate({ search: { ...search, start: true } })}>
        <Play aria-hidden /> Start
      </Button>
      {isEditing && <WorkflowEditor workflow={workflow} onClose={() => setEditing(false)} />}
    </>
  )
}
