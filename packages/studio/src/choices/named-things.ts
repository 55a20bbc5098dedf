import { call, type OperationId, type Output } from '../api/call.ts'
import { counted } from '../formats/numbers.ts'

/** Something of the workspace that can be chosen. */
export interface NamedThing {
  readonly id: string
  readonly name: string
  /** What tells it from others of the name. */
  readonly note?: string
}

/** A list to choose from: searched by the server, and read page by page. */
export interface Things<T extends NamedThing = NamedThing> {
  readonly noun: string
  /** The operation that lists them, and what else tells this list from others. */
  readonly key: readonly [OperationId, ...unknown[]]
  /** @param at where the page begins, as the page before has told; undefined: the first one */
  readonly page: (
    q: string | undefined,
    at: string | undefined,
    signal: AbortSignal,
  ) => Promise<{ readonly results: readonly T[]; readonly next: string | undefined }>
}

export type Judge = Output<'getJudge'>
/** A judge to be chosen, with all that it is. */
export type JudgeThing = NamedThing & { readonly judge: Judge }

const PAGE = 30
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const instant = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** A list that the server pages by number. */
function numbered<T extends NamedThing>(
  parts: Pick<Things, 'noun' | 'key'>,
  read: (
    query: { q: string | undefined; page: number; page_size: number },
    options: { signal: AbortSignal },
  ) => Promise<{ results: readonly T[]; count: number }>,
): Things<T> {
  return {
    ...parts,
    page: async (q, at = '1', signal) => {
      const page = Number(at)
      const { results, count } = await read({ q, page, page_size: PAGE }, { signal })
      return { results, next: page * PAGE < count ? String(page + 1) : undefined }
    },
  }
}

/** Judges, the newest first. */
export const judges = numbered<JudgeThing>(
  { noun: 'judge', key: ['listJudges', 'choices'] },
  async (query, options) => {
    const { results, count } = (await call('listJudges', { query }, options)).judges
    return {
      count,
      results: results.map((judge) => ({ id: judge.id, name: judge.name, note: judge.model_name, judge })),
    }
  },
)

/** Campaigns, the newest first. */
export const campaigns = numbered(
  { noun: 'campaign', key: ['listCampaigns', 'choices'] },
  async (query, options) => {
    const { results, count } = (await call('listCampaigns', { query }, options)).campaigns
    return {
      count,
      results: results.map(({ id, name, judge, created_at }) => ({
        id,
        name,
        note: `${judge.name}, ${date.format(new Date(created_at))}`,
      })),
    }
  },
)

/** Datasets, the newest first. @param except one that is not offered */
export function datasets(except?: string): Things {
  return numbered({ noun: 'dataset', key: ['listDatasets', 'choices', except] }, async (query, options) => {
    const { results, count } = (await call('listDatasets', { query }, options)).datasets
    return {
      count,
      results: results
        .filter(({ id }) => id !== except)
        .map(({ id, name, record_count }) => ({ id, name, note: counted(record_count, 'record') })),
    }
  })
}

/** Workflows by their names, which are their ids here. @param deployment only those that it has registered */
export function workflows(deployment?: string): Things {
  return {
    noun: 'workflow',
    key: ['listWorkflows', 'choices', deployment],
    page: async (search, cursor, signal) => {
      const only = deployment === undefined ? { archived: false } : { deployment_name: [deployment] }
      const query = { ...only, search, cursor, sort_by: 'display_name', limit: PAGE } as const
      const { workflows, next_cursor } = await call('listWorkflows', { query }, { signal })
      const results = workflows.map(({ name, display_name }) => ({
        id: name,
        name: display_name,
        ...(name === display_name ? {} : { note: name }),
      }))
      return { results, next: next_cursor ?? undefined }
    },
  }
}

/**
 * What deployments have registered under a workflow's name, the newest first.
 * @param activeIds those that a worker runs
 */
export function registrations(workflowId: string, activeIds: ReadonlySet<string>): Things<NamedThing> {
  return {
    noun: 'registration',
    key: ['listWorkflowRegistrations', 'choices', workflowId, [...activeIds]],
    page: async (registration_search, cursor, signal) => {
      const query = { workflow_id: workflowId, registration_search, cursor, limit: PAGE }
      const found = await call('listWorkflowRegistrations', { query }, { signal })
      return {
        results: found.workflow_registrations.map((one) => registrationThing(one, activeIds)),
        next: found.next_cursor ?? undefined,
      }
    },
  }
}

/** A registration by its deployment, and by when it was registered first, which its id tells. */
export function registrationThing(
  { id, deployment_name }: { readonly id: string; readonly deployment_name: string },
  activeIds: ReadonlySet<string>,
): NamedThing {
  const registeredAt = new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16))
  return {
    id,
    name: `${deployment_name} · ${instant.format(registeredAt)}`,
    ...(activeIds.has(id) ? { note: 'a worker runs it' } : {}),
  }
}

/** Deployments by their names, those with a worker first. */
export const deployments: Things = {
  noun: 'deployment',
  key: ['listDeployments', 'choices'],
  page: async (search, cursor, signal) => {
    const query = { active_only: false, search, cursor, limit: PAGE }
    const { deployments, next_cursor } = await call('listDeployments', { query }, { signal })
    const results = deployments.map(({ name, is_active }) => ({
      id: name,
      name,
      ...(is_active ? { note: 'active' } : {}),
    }))
    return { results, next: next_cursor ?? undefined }
  },
}
