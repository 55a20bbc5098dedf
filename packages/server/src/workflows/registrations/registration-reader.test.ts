import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { WorkflowSpec } from '@tramontane/contract/workers'
import { createTestDatabase, type TestDatabase } from '@tramontane/testkit/test-database'
import { sql } from 'kysely'
import { connect, type DatabaseConnection } from '../../platform/database/connection.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { BeatStore } from './beat-store.ts'
import { RegisterStore } from './register-store.ts'
import { type DeclaredSchedules, RegisteringService } from './registering-service.ts'
import { RegistrationReader } from './registration-reader.ts'

// What other features call: no route shows it by itself.
describe('reading registrations, and the schedules that come with them', () => {
  let made: TestDatabase
  let connection: DatabaseConnection
  let reader: RegistrationReader
  let registering: RegisteringService
  const upserts: DeclaredSchedules[] = []
  let failure: ApiError | undefined
  const workspace = randomUUID()

  before(async () => {
    made = await createTestDatabase()
    connection = connect(made.url, { name: 'test', max: 10, statementTimeoutMs: 30_000, onError: () => {} })
    reader = new RegistrationReader(connection.database)
    registering = new RegisteringService(
      new RegisterStore(connection.database),
      new BeatStore(connection.database),
      async (_workspaceId, declared) => {
        if (failure) throw failure
        upserts.push(declared)
      },
    )
  })
  after(async () => {
    await connection.close()
    await made.drop()
  })

  async function register(
    deployment: string,
    definitions: readonly WorkflowSpec[],
    { worker = 'w', workspaceId = workspace } = {},
  ) {
    const { refs } = await registering.register(workspaceId, {
      definitions,
      deployment_name: deployment,
      worker_name: worker,
    })
    return refs
  }

  /** Time passes until the workers of a deployment count as gone. */
  const letGo = (deployment: string) =>
    sql`update deployment_workers set last_seen_at = last_seen_at - interval '31 seconds'
      where deployment_id in (select id from workflow_deployments where name = ${deployment})`.execute(
      connection.database,
    )

  const refusedWith = (code: string) => (error: unknown) => error instanceof ApiError && error.code === code

  it('a workflow is found by name, id and registration, with the definition that runs', async () => {
    const [one] = await register('d1', [{ name: 'found', execution_timeout: 60 }])
    const found = await reader.findWorkflow(workspace, 'found')
    assert.deepEqual(found, {
      workflowId: one!.workflowId,
      registrationId: one!.registrationId,
      name: 'found',
      displayName: 'found',
      deploymentName: 'd1',
      archived: false,
      definition: {
        input_schema: {},
        output_schema: null,
        signals: [],
        queries: [],
        updates: [],
        enforce_determinism: false,
        on_behalf_of: false,
        execution_timeout: 60,
        plugin_metadata: null,
      },
    })
    assert.deepEqual(await reader.findWorkflow(workspace, one!.workflowId), found)
    assert.deepEqual(await reader.findByRegistration(workspace, one!.registrationId), found)
    const [two] = await register('d2', [{ name: 'found', execution_timeout: 120 }])
    assert.equal((await reader.findWorkflow(workspace, 'found')).registrationId, two!.registrationId)
    await letGo('d2')
    assert.equal((await reader.findWorkflow(workspace, 'found')).registrationId, one!.registrationId)
    await letGo('d1')
    assert.equal((await reader.findWorkflow(workspace, 'found')).registrationId, two!.registrationId)
    for (const identifier of ['nobody', randomUUID(), ''])
      await assert.rejects(reader.findWorkflow(workspace, identifier), refusedWith('WORKFLOW_NOT_FOUND'))
    await assert.rejects(reader.findWorkflow(randomUUID(), 'found'), refusedWith('WORKFLOW_NOT_FOUND'))
    for (const id of ['no uuid', one!.workflowId])
      await assert.rejects(
        reader.findByRegistration(workspace, id),
        refusedWith('WORKFLOW_REGISTRATION_NOT_FOUND'),
      )
  })

  it('a deployment runs the definition that a worker of it runs now, else the last one', async () => {
    const old = { name: 'rolling', execution_timeout: 1 }
    const now = { name: 'rolling', execution_timeout: 2 }
    const timeout = async () =>
      (await reader.definitionOf(workspace, 'rolling', 'rolls'))?.definition.execution_timeout
    await register('rolls', [old], { worker: 'old' })
    await register('rolls', [now], { worker: 'new' })
    assert.equal(await timeout(), 2)
    // A worker that registers anew after a hitch makes old code the newest; when it is gone, what runs counts.
    await register('rolls', [old], { worker: 'old' })
    assert.equal(await timeout(), 1)
    await sql`update deployment_workers set last_seen_at = now() - interval '1 minute' where name = 'old'`.execute(
      connection.database,
    )
    assert.equal(await timeout(), 2)
    assert.equal(await reader.definitionOf(workspace, 'rolling', 'elsewhere'), undefined)
    assert.equal(await reader.definitionOf(workspace, 'nobody', 'rolls'), undefined)
  })

  it('the deployment is the named one, else the only active one, else the only one', async () => {
    await register('alone', [{ name: 'placed' }, { name: 'everywhere' }])
    const placed = await reader.findWorkflow(workspace, 'placed')
    const choose = (workflow: typeof placed, name?: string) =>
      reader.chooseDeployment(workspace, workflow, name)
    assert.equal(await choose(placed), 'alone')
    await letGo('alone')
    assert.equal(await choose(placed), 'alone')
    await register('second', [{ name: 'everywhere' }])
    const everywhere = await reader.findWorkflow(workspace, 'everywhere')
    assert.equal(await choose(everywhere), 'second')
    assert.equal(await choose(everywhere, 'alone'), 'alone')
    await register('third', [{ name: 'everywhere' }])
    await assert.rejects(choose(everywhere), (error: ApiError) => {
      assert.equal(error.code, 'DEPLOYMENT_AMBIGUOUS')
      assert.match(error.message, /These do: "second", "third"\./)
      return true
    })
    await assert.rejects(choose(placed, 'second'), refusedWith('DEPLOYMENT_AMBIGUOUS'))
    await assert.rejects(choose(placed, 'nobody'), refusedWith('DEPLOYMENT_NOT_FOUND'))
    await reader.checkDeployment(workspace, 'third')
    await assert.rejects(reader.checkDeployment(randomUUID(), 'third'), refusedWith('DEPLOYMENT_NOT_FOUND'))
  })

  it('the names of workflows are given, by tag, by text, and those of the SDK', async () => {
    await register('tags', [{ name: 'tag-a' }, { name: 'tag-b' }])
    await sql`update workflows set tags = '{x,y}' where name = 'tag-a'`.execute(connection.database)
    await sql`update workflows set tags = '{y}' where name = 'tag-b'`.execute(connection.database)
    assert.deepEqual((await reader.namesTagged(workspace, ['y'])).sort(), ['tag-a', 'tag-b'])
    assert.deepEqual(await reader.namesTagged(workspace, ['x', 'y']), ['tag-a'])
    assert.deepEqual(await reader.namesTagged(randomUUID(), ['y']), [])
    assert.deepEqual(await reader.namesMatching(workspace, 'TAG-'), ['tag-a', 'tag-b'])
    assert.deepEqual(await reader.namesMatching(workspace, 't%g'), [])
    await register('tags', [{ name: 'tag-a' }, { name: 'tag-b' }, { name: '__own' }])
    assert.deepEqual(await reader.technicalNames(workspace), ['__own'])
  })

  it('schedules are made when they are new, and gone when the code has none any more', async () => {
    const nightly = { input: { n: 1 }, cron_expressions: ['0 3 * * *'], schedule_id: 'nightly' }
    const spec = (schedules: Record<string, unknown>[]): WorkflowSpec => ({ name: 'planned', schedules })
    const declared = async (schedules: Record<string, unknown>[], worker?: string) => {
      upserts.length = 0
      await register('plans', [spec(schedules), { name: 'unplanned' }], { worker })
      return upserts.map((upsert) => upsert.schedules)
    }
    assert.deepEqual(await declared([]), [])
    assert.deepEqual(await declared([nightly]), [[nightly]])
    assert.deepEqual(
      { ...upserts[0], registrationId: '', workflowId: '' },
      {
        workflowName: 'planned',
        deploymentName: 'plans',
        registrationId: '',
        workflowId: '',
        schedules: [nightly],
      },
    )
    assert.deepEqual(await declared([nightly]), [])
    assert.deepEqual(await declared([nightly], 'second'), [])
    const hourly = { ...nightly, cron_expressions: ['0 * * * *'] }
    assert.deepEqual(await declared([hourly]), [[hourly]])
    assert.deepEqual(await declared([nightly]), [[nightly]])
    assert.deepEqual(await declared([]), [[]])
    assert.deepEqual(await declared([]), [])
  })

  it('schedules that could not be made are tried again when the worker registers again', async () => {
    const spec = { name: 'failing', schedules: [{ input: {}, cron_expressions: ['0 3 * * *'] }] }
    failure = new ApiError('TEMPORAL_UNAVAILABLE', 'Not now.')
    await assert.rejects(register('fails', [spec]), refusedWith('TEMPORAL_UNAVAILABLE'))
    await assert.rejects(register('fails', [spec]), refusedWith('TEMPORAL_UNAVAILABLE'))
    failure = undefined
    upserts.length = 0
    await Promise.all(['a', 'b', 'c', 'd'].map((worker) => register('fails', [spec], { worker })))
    assert.equal(upserts.length, 1)
    // Another definition brings the schedules along, although they are the same.
    await register('fails', [{ ...spec, description: 'New.' }])
    assert.equal(upserts.length, 2)
    assert.notEqual(upserts[0]!.registrationId, upserts[1]!.registrationId)
  })

  it('workers that nobody has seen for long are forgotten, the others stay', async () => {
    await register('forgets', [{ name: 'w' }], { worker: 'gone' })
    await register('forgets', [{ name: 'w' }], { worker: 'here' })
    await sql`update deployment_workers set last_seen_at = now() - interval '31 days' where name = 'gone'`.execute(
      connection.database,
    )
    assert.equal(await new RegisterStore(connection.database).forgetWorkers(30), 1)
  })
})
