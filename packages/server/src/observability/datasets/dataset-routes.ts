import {
  createDataset,
  deleteDataset,
  exportDataset,
  getDataset,
  getDatasetTask,
  importFromCampaign,
  importFromDataset,
  importFromExplorer,
  importFromFile,
  importFromPlayground,
  listDatasets,
  listDatasetTasks,
  updateDataset,
} from '@tramontane/contract/datasets'
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../../platform/http/auth.ts'
import { pageLinks } from '../../platform/http/links.ts'
import { route } from '../../platform/http/route.ts'
import type { DatasetService } from './dataset-service.ts'
import type { Dataset } from './dataset-store.ts'
import type { ImportTask } from './import-store.ts'

/** Looks at what an import names before it begins. @throws ApiError if the caller has no such thing */
export interface ImportChecks {
  readonly file: (caller: Caller, id: string) => Promise<unknown>
  readonly campaign: (caller: Caller, id: string) => Promise<unknown>
}

function toWire(dataset: Dataset) {
  return {
    id: dataset.id,
    created_at: dataset.created_at.toISOString(),
    updated_at: dataset.updated_at.toISOString(),
    deleted_at: null,
    name: dataset.name,
    description: dataset.description,
    owner_id: dataset.owner_id,
    workspace_id: dataset.workspace_id,
    record_count: dataset.record_count,
  }
}

function taskToWire(task: ImportTask) {
  return {
    id: task.id,
    created_at: task.created_at.toISOString(),
    updated_at: task.updated_at.toISOString(),
    deleted_at: null,
    creator_id: task.creator_id,
    dataset_id: task.dataset_id,
    workspace_id: task.workspace_id,
    status: task.status,
    progress: task.progress,
    message: task.message,
  }
}

/** Datasets, their imports and exports. */
export function datasetRoutes(
  app: FastifyInstance,
  datasets: DatasetService,
  { publicUrl, checks }: { publicUrl: () => string; checks: ImportChecks },
): void {
  route(app, listDatasets, async ({ caller, query, request }) => {
    const { datasets: found, count } = await datasets.list(caller, query)
    const links = pageLinks(publicUrl(), request.url, query, count)
    return { datasets: { results: found.map(toWire), count, ...links } }
  })

  route(app, createDataset, async ({ caller, body }) => toWire(await datasets.create(caller, body)))

  route(app, getDataset, async ({ caller, params }) => toWire(await datasets.get(caller, params.dataset_id)))

  route(app, updateDataset, async ({ caller, params, body }) =>
    toWire(await datasets.update(caller, params.dataset_id, body)),
  )

  route(app, deleteDataset, async ({ caller, params }) => datasets.delete(caller, params.dataset_id))

  route(app, importFromCampaign, async ({ caller, params, body: { campaign_id: campaignId } }) => {
    await datasets.get(caller, params.dataset_id)
    await checks.campaign(caller, campaignId)
    return taskToWire(await datasets.import(caller, params.dataset_id, { kind: 'campaign', campaignId }))
  })

  route(app, importFromFile, async ({ caller, params, body: { file_id: fileId } }) => {
    await datasets.get(caller, params.dataset_id)
    await checks.file(caller, fileId)
    return taskToWire(await datasets.import(caller, params.dataset_id, { kind: 'file', fileId }))
  })

  const importIds = async (
    caller: Caller,
    datasetId: string,
    kind: 'explorer' | 'playground' | 'dataset',
    ids: readonly string[],
  ) => taskToWire(await datasets.import(caller, datasetId, { kind, ids: [...new Set(ids)] }))

  route(app, importFromExplorer, async ({ caller, params, body }) =>
    importIds(caller, params.dataset_id, 'explorer', body.completion_event_ids),
  )

  route(app, importFromPlayground, async ({ caller, params, body }) =>
    importIds(caller, params.dataset_id, 'playground', body.conversation_ids),
  )

  route(app, importFromDataset, async ({ caller, params, body }) =>
    importIds(
      caller,
      params.dataset_id,
      'dataset',
      body.dataset_record_ids.map((id) => id.toLowerCase()),
    ),
  )

  route(app, exportDataset, async ({ caller, params, signal }) => ({
    file_url: await datasets.export(caller, params.dataset_id, signal),
  }))

  route(app, getDatasetTask, async ({ caller, params }) =>
    taskToWire(await datasets.getTask(caller, params.dataset_id, params.task_id)),
  )

  route(app, listDatasetTasks, async ({ caller, params, query, request }) => {
    const { tasks, count } = await datasets.listTasks(caller, params.dataset_id, query)
    const links = pageLinks(publicUrl(), request.url, query, count)
    return { tasks: { results: tasks.map(taskToWire), count, ...links } }
  })
}
