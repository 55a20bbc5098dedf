import assert from 'node:assert/strict'
import { workflowSpec } from '@tramontane/testkit/registered-workflows'
import { type AnyClient, type Context, refusesWorkflow } from '../harness/context.ts'

interface Ref {
  readonly workflow_id: string
  readonly workflow_registration_id: string
}

/** Registers workflows as a worker does, which the official client does not. */
async function register(
  { server }: Context<AnyClient>,
  deployment: string,
  definitions: readonly Record<string, unknown>[],
  worker = 'worker-1',
): Promise<Ref[]> {
  const answer = await fetch(`${server().url}/v1/workflows/register`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server().key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      definitions,
      deployment_name: deployment,
      worker_name: worker,
      deployment_location: { location_type: 'local' },
    }),
  })
  assert.equal(answer.status, 200, await answer.clone().text())
  return ((await answer.json()) as { workflow_registration_refs: Ref[] }).workflow_registration_refs
}

export function workflowTests(context: Context<AnyClient>): void {
  const { client, mark, test } = context
  const own = mark.replaceAll(/\W/g, '-')

  test('workflows are listed, read, renamed, archived', async () => {
    const names = ['one', 'two', 'three'].map((name) => `${own}-${name}`)
    const refs = await register(
      context,
      own,
      names.map((name, n) => workflowSpec(name, { display_name: `Number ${n}`, execution_timeout: 'PT90S' })),
    )
    const { workflows } = client()
    const listed = []
    for await (const page of await workflows.getWorkflows({
      search: own,
      limit: 2,
      sortBy: 'display_name',
      order: 'desc',
      deploymentName: [own],
      deploymentStatus: 'active',
    }))
      listed.push(...page.result.workflows)
    assert.deepEqual(
      listed.map(({ name, displayName, metadata }) => [name, displayName, metadata?.sharedNamespace]),
      names.map((name, n) => [name, `Number ${n}`, null]).toReversed(),
    )

    const [name] = names as [string]
    const [{ workflow_id: workflowId, workflow_registration_id: workflowRegistrationId }] = refs as [Ref]
    const read = await workflows.getWorkflow({ workflowIdentifier: name })
    assert.deepEqual(read, await workflows.getWorkflow({ workflowIdentifier: workflowId }))
    assert.deepEqual([read.workflow.id, read.workflow.active, read.workflow.type], [workflowId, true, 'code'])
    const updated = await workflows.updateWorkflow({
      workflowIdentifier: name,
      workflowUpdateRequest: { displayName: 'Renamed', description: 'By hand.', tags: ['sdk', own] },
    })
    assert.deepEqual(
      [updated.workflow.displayName, updated.workflow.description, updated.workflow.tags],
      ['Renamed', 'By hand.', ['sdk', own]],
    )
    const tagged = await workflows.getWorkflows({ tags: [own, 'sdk'] })
    assert.deepEqual(
      tagged.result.workflows.map(({ displayName }) => displayName),
      ['Renamed'],
    )

    const archived = await workflows.archiveWorkflow({ workflowIdentifier: name })
    assert.equal(archived.workflow.archived, true)
    assert.equal(
      (await workflows.unarchiveWorkflow({ workflowIdentifier: workflowId })).workflow.archived,
      false,
    )
    const unknown = '01890000-0000-7000-8000-000000000000'
    const bulk = await workflows.bulkArchiveWorkflows({ workflowIds: [workflowId, unknown] })
    assert.deepEqual(
      bulk.archived.map(({ id }) => id),
      [workflowId],
    )
    assert.deepEqual(
      bulk.errored?.map((error) => error.workflowId),
      [unknown],
    )
    const back = await workflows.bulkUnarchiveWorkflows({ workflowIds: [workflowId] })
    assert.deepEqual(
      back.unarchived.map((workflow) => workflow.archived),
      [false],
    )
    await refusesWorkflow(workflows.getWorkflow({ workflowIdentifier: unknown }), 404, 'WORKFLOW_NOT_FOUND')

    const registrations = await workflows.getWorkflowRegistrations({ workflowId, withWorkflow: true })
    assert.deepEqual(
      registrations.workflowRegistrations.map(({ id, workflow, taskQueue, definition }) => [
        id,
        workflow?.name,
        taskQueue,
        definition.executionTimeout,
      ]),
      [[workflowRegistrationId, name, own, 90]],
    )
    assert.deepEqual(registrations.workflowVersions, registrations.workflowRegistrations)
    const one = await workflows.getWorkflowRegistration({ workflowRegistrationId })
    assert.equal(one.workflowRegistration.active, true)
    assert.deepEqual(one.workflowVersion, one.workflowRegistration)
    await refusesWorkflow(
      workflows.getWorkflowRegistration({ workflowRegistrationId: unknown }),
      404,
      'WORKFLOW_REGISTRATION_NOT_FOUND',
    )
  })

  test('deployments are listed and read, with their workers', async () => {
    const name = `${own}.deployed`
    for (const worker of ['a', 'b', 'c'])
      await register(context, name, [workflowSpec(`${own}-deployed`)], worker)
    const { deployments } = client().workflows
    const listed = await deployments.listDeployments({ workflowName: `${own}-deployed` })
    assert.deepEqual(
      listed.deployments.map((one) => [one.name, one.isActive, one.workerCount, one.locations, one.managed]),
      [[name, true, 3, ['local'], null]],
    )
    const read = await deployments.getDeployment({ name })
    assert.deepEqual([read.id, read.activeWorkerCount], [listed.deployments[0]!.id, 3])
    assert.deepEqual(read.workers.map((worker) => worker.name).sort(), ['a', 'b', 'c'])
    const first = await deployments.listDeploymentWorkers({ name, limit: 2, workerStatus: 'active' })
    const second = await deployments.listDeploymentWorkers({ name, limit: 2, cursor: first.nextCursor })
    assert.deepEqual(
      [...first.workers, ...second.workers].map((worker) => [worker.name, worker.isActive]),
      [
        ['a', true],
        ['b', true],
        ['c', true],
      ],
    )
    assert.equal(second.nextCursor, null)
    await refusesWorkflow(deployments.getDeployment({ name: 'nobody' }), 404, 'DEPLOYMENT_NOT_FOUND')
  })

  test('deployments that the vendor would build are refused by name', async () => {
    const { deployments } = client().workflows
    const name = `${own}.built`
    const calls: (() => Promise<unknown>)[] = [
      () => deployments.createDeployment({ name, spec: { githubUrl: 'none' } }),
      () => deployments.updateDeployment({ name, updateDeploymentRequest: {} }),
      () => deployments.deleteDeployment({ name }),
      () => deployments.stopDeployment({ name }),
      () => deployments.startDeployment({ name }),
      () => deployments.restartDeployment({ name }),
    ]
    for (const call of calls) await refusesWorkflow(call(), 400, 'FEATURE_NOT_SUPPORTED')
  })
}
