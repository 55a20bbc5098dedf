import type { Page } from 'playwright-core'
import { demoConversations } from '../demo/conversations.ts'

type Call = (method: string, target: string, body?: unknown) => Promise<unknown>

const SETTLED_MS = 1_000

/** A picture: its file's name, the page's address, and what is waited for before it is taken. */
export interface Picture {
  readonly name: string
  readonly address: string
  readonly ready: (page: Page) => Promise<unknown>
  readonly dark?: boolean
}

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor()

/** Until nothing on the page is still being asked for, and what is drawn late has been drawn. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page
    .getByText(/^Loading.*…$/)
    .first()
    .waitFor({ state: 'detached' })
  await page.waitForTimeout(SETTLED_MS)
}

/** The pages of docs/studio.md, with the ids of what the demo has made. */
export async function pagesToShow(call: Call): Promise<readonly Picture[]> {
  const newest = async (kind: 'judges' | 'campaigns' | 'datasets') => {
    const list = (await call('GET', `/v1/observability/${kind}?page_size=1`)) as Record<
      typeof kind,
      { results: { id: string }[] }
    >
    return list[kind].results[0]!.id
  }
  const [judge, campaign, dataset] = [
    await newest('judges'),
    await newest('campaigns'),
    await newest('datasets'),
  ]
  const event = await anEvent(call)
  const { id: conversation } = await aConversation(call)
  return [
    { name: 'home', address: '/', ready: text('calls per hour') },
    { name: 'home-dark', address: '/', ready: text('calls per hour'), dark: true },
    { name: 'settings', address: '/settings', ready: text('What the roles may do') },
    {
      name: 'settings-providers',
      address: '/settings?tab=providers',
      ready: async (page) => {
        await page.getByRole('button', { name: /^Test / }).click()
        await page
          .getByText(/answers/)
          .first()
          .waitFor()
      },
    },
    { name: 'explorer', address: `/explorer?range=1h&event=${event}`, ready: settled },
    { name: 'explorer-dark', address: `/explorer?range=1h&event=${event}`, ready: settled, dark: true },
    { name: 'judge', address: `/judges/${judge}?event=${event}`, ready: settled },
    { name: 'campaign', address: `/campaigns/${campaign}`, ready: settled },
    { name: 'dataset', address: `/datasets/${dataset}`, ready: settled },
    { name: 'playground', address: `/playground?left=${conversation}`, ready: settled },
    { name: 'workflow', address: '/workflows/hello-world?start=true', ready: settled },
    { name: 'executions', address: '/executions', ready: text('hello-1') },
    { name: 'execution', address: '/executions/pipeline-1', ready: settled },
    { name: 'execution-dark', address: '/executions/pipeline-1', ready: settled, dark: true },
    { name: 'schedules', address: '/schedules', ready: text('hello-world') },
    { name: 'deployments', address: '/deployments', ready: text('document-pipeline') },
    {
      name: 'palette',
      address: '/',
      ready: async (page) => {
        await page.getByText('calls per hour').waitFor()
        await page.keyboard.press('Control+k')
        await page.getByPlaceholder(/Where to/).fill('demo')
        await page.getByRole('option', { name: /Demo/ }).first().waitFor()
      },
    },
  ]
}

/** The newest event in which the largest model has called a tool. */
async function anEvent(call: Call): Promise<string> {
  const { completion_events: events } = (await call(
    'POST',
    '/v1/observability/chat-completion-events/search?page_size=1',
    {
      search_params: {
        filters: {
          AND: [
            { field: 'status', op: 'eq', value: 'ok' },
            { field: 'model_name', op: 'eq', value: 'scripted-large' },
            { field: 'invoked_tools', op: 'len_eq', value: 1 },
          ],
        },
      },
    },
  )) as { completion_events: { results: { event_id: string }[] } }
  return events.results[0]!.event_id
}

/** A conversation with the scripted model. */
async function aConversation(call: Call): Promise<{ id: string }> {
  const { conversation_id: id } = (await call('POST', '/v1/conversations', {
    model: 'scripted-small',
    name: 'A question of the demo',
    inputs: demoConversations(1)[0]!.messages.at(-1)!.content,
  })) as { conversation_id: string }
  return { id }
}
