import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DEPLOYMENT_TABS } from '../../src/deployments/deployment-search.ts'
import { executionTabs, historyViews } from '../../src/execution/execution-search.ts'
import { settingsTabs } from '../../src/settings/settings-tabs.ts'
import { WORKFLOW_TABS } from '../../src/workflows/workflow-search.ts'
import { tinyAttack } from './attacks.ts'
import type { HostileData } from './hostile-data.ts'

/** What addresses are made of. */
export type Ids = HostileData & { readonly executionId: string; readonly scheduleId: string }

/** An address of a page, and a piece of text that somebody wrote and that is on it. */
export interface Address {
  readonly to: string
  /** Beginnings of attacks (`attack-image`) that are shown there. */
  readonly shows: readonly string[]
}

const encode = encodeURIComponent

/**
 * Every page of the studio, by the path of its route: the addresses under which it is looked at, with its tabs. A route that
 * is missing here fails the test.
 */
export const pages: Readonly<Record<string, (ids: Ids) => readonly Address[]>> = {
  '/': () => [{ to: '/', shows: [] }],
  '/login': () => [{ to: '/login?to=javascript:alert(1)', shows: [] }],
  '/settings': () =>
    settingsTabs.map((tab) => ({
      to: `/settings?tab=${tab}`,
      shows: tab === 'keys' || tab === 'workspaces' ? [tinyAttack] : [],
    })),
  '/explorer': ({ eventIds: [eventId] }) => [
    { to: '/explorer', shows: ['attack-script'] },
    { to: '/explorer?filter=status%20%3D%20%22error%22&range=all', shows: ['attack-markdown'] },
    { to: '/explorer?filter=no%20%3D%3D%20%3Cscript%3E%22', shows: [] },
    ...['conversation', 'fields', 'judgements', 'similar', 'trace'].map((tab) => ({
      to: `/explorer?event=${eventId}&tab=${tab}`,
      shows: tab === 'conversation' || tab === 'fields' ? ['attack-image', 'attack-script'] : [],
    })),
  ],
  '/judges': () => [{ to: '/judges', shows: [tinyAttack] }],
  '/judges/new': () => [{ to: '/judges/new', shows: [] }],
  '/judges/$judgeId': ({ judgeId, eventIds: [eventId] }) => [
    { to: `/judges/${judgeId}`, shows: [tinyAttack] },
    { to: `/judges/${judgeId}?event=${eventId}`, shows: [tinyAttack] },
    { to: `/judges/${judgeId}?tab=revisions`, shows: [tinyAttack] },
    { to: `/judges/${judgeId}?tab=usage`, shows: [tinyAttack] },
  ],
  '/campaigns': () => [{ to: '/campaigns', shows: [tinyAttack] }],
  '/campaigns/new': ({ judgeId }) => [{ to: `/campaigns/new?judge=${judgeId}`, shows: [] }],
  '/campaigns/compare': ({ campaignId }) => [
    { to: `/campaigns/compare?left=${campaignId}&right=${campaignId}`, shows: [tinyAttack] },
  ],
  '/campaigns/$campaignId': ({ campaignId, judgedId }) => [
    { to: `/campaigns/${campaignId}`, shows: [tinyAttack] },
    { to: `/campaigns/${campaignId}?group=metadata.topic`, shows: ['attack-script'] },
    { to: `/campaigns/${campaignId}?tab=events`, shows: [tinyAttack] },
    { to: `/campaigns/${campaignId}?tab=events&event=${judgedId}`, shows: ['attack-image'] },
    { to: `/campaigns/${campaignId}?tab=failures`, shows: [] },
  ],
  '/datasets': () => [{ to: '/datasets', shows: [tinyAttack] }],
  '/datasets/$datasetId': ({ datasetId, recordId }) => [
    { to: `/datasets/${datasetId}`, shows: [tinyAttack] },
    { to: `/datasets/${datasetId}?tab=imports`, shows: [tinyAttack] },
    { to: `/datasets/${datasetId}?record=${recordId}`, shows: ['attack-image'] },
    { to: `/datasets/${datasetId}?record=${recordId}&side=edit`, shows: [] },
    { to: `/datasets/${datasetId}?record=${recordId}&side=judge`, shows: [] },
  ],
  '/playground': ({ conversationId }) => [
    { to: '/playground', shows: [] },
    { to: `/playground?left=${conversationId}`, shows: ['attack-image'] },
    { to: `/playground?left=${conversationId}&right=${conversationId}`, shows: ['attack-image'] },
  ],
  '/executions/$executionId': ({ executionId }) => {
    const at = `/executions/${encode(executionId)}`
    const shows: Partial<Record<(typeof executionTabs)[number], string[]>> = {
      events: ['attack-image'],
      trace: ['attack-image'],
      logs: ['attack-script'],
      relations: ['attack-image'],
    }
    return [
      { to: at, shows: ['attack-image'] },
      ...executionTabs.map((tab) => ({ to: `${at}?tab=${tab}`, shows: shows[tab] ?? [] })),
      ...historyViews.map((view) => ({ to: `${at}?tab=history&view=${view}`, shows: [] })),
    ]
  },
  '/executions': () => [
    { to: '/executions', shows: ['attack-image'] },
    { to: '/executions?status=RUNNING', shows: ['attack-image'] },
  ],
  '/workflows': () => [{ to: '/workflows', shows: ['attack-image'] }],
  '/workflows/$workflowName': ({ workflowName }) => {
    const at = `/workflows/${encode(workflowName)}`
    return [
      { to: at, shows: ['attack-image'] },
      ...WORKFLOW_TABS.map((tab) => ({ to: `${at}?tab=${tab}`, shows: ['attack-image'] })),
      { to: `${at}?start=true`, shows: ['attack-image'] },
    ]
  },
  '/schedules': ({ scheduleId, workflowName }) => [
    { to: '/schedules', shows: ['attack-image'] },
    { to: `/schedules?schedule=${encode(scheduleId)}`, shows: ['attack-image'] },
    { to: `/schedules?edit=${encode(scheduleId)}`, shows: [] },
    { to: `/schedules?new=${encode(workflowName)}`, shows: [] },
  ],
  '/deployments': () => [{ to: '/deployments?all=true', shows: ['attack-svg'] }],
  '/deployments/$deploymentName': ({ deploymentName }) => {
    const at = `/deployments/${encode(deploymentName)}`
    return [
      { to: at, shows: ['attack-svg'] },
      ...DEPLOYMENT_TABS.map((tab) => ({ to: `${at}?tab=${tab}`, shows: [] })),
    ]
  },
}

/** The paths of all routes, as their files have them. */
export function routePaths(): string[] {
  const root = path.resolve(import.meta.dirname, '../../src')
  const files = globSync('**/*-route{,s}.ts', { cwd: root })
  const found = files.flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(/^\s*path: '([^']+)'/gm)].map(
      (match) => match[1]!,
    ),
  )
  return [...new Set(found)].sort()
}
