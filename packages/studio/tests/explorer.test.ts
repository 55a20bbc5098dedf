import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

const path = '/v1/observability/chat-completion-events'
const HOUR = 3_600_000
const IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'

/** One call an hour: every third of the large model, every tenth failed. */
function calls(): object[] {
  return Array.from({ length: 120 }, (_, index) => ({
    event_id: `call-${index}`,
    timestamp: new Date(Date.now() - (index + 1) * HOUR).toISOString(),
    model_name: index % 3 === 0 ? 'large' : 'small',
    request_messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: `What is the weather in town ${index}?` },
    ],
    response_messages: [{ role: 'assistant', content: `Sunny in ${index}.` }],
    input_tokens: 20 + index,
    output_tokens: 5,
    total_time_elapsed: 0.5 + index / 10,
    metadata: { team: index % 2 === 0 ? 'blue' : 'red' },
    ...(index % 10 === 0 ? { status: 'error', error: 'HTTP 429: too many requests' } : {}),
  }))
}

describe('Explorer', needsChromium, () => {
  let server: TestServer
  let studio: Studio
  before(async () => {
    server = await startTestServer()
    await server.call('POST', path, { body: { events: calls() } })
    studio = await Studio.open(server)
  })
  after(async () => {
    await studio?.close()
    await server.close()
  })

  const rows = () => studio.page.getByRole('grid', { name: 'Events' }).locator('[role=row][data-event]')
  const editor = () => studio.page.getByRole('textbox', { name: 'Filter' })
  const status = (text: string | RegExp) =>
    studio.page.getByRole('status').filter({ hasText: text }).waitFor()
  const panel = () => studio.page.getByRole('region', { name: 'Event', exact: true })

  it('finds events by a filter that is completed as it is written', async () => {
    const { page } = studio
    await studio.goto('/explorer')
    await status('120 events, 12 failed')
    await editor().click()
    await page.keyboard.type('model_n')
    await page.getByRole('option', { name: /model_name/ }).waitFor()
    await page.keyboard.press('Enter')
    await page
      .getByRole('option', { name: /contains/ })
      .first()
      .waitFor()
    await page.keyboard.type('= ')
    await page.getByRole('option', { name: /"large"/ }).waitFor()
    await page.keyboard.type('"lar')
    await page.getByRole('option', { name: /"large"/ }).waitFor()
    await page.keyboard.press('Enter')
    assert.match((await editor().textContent()) ?? '', /^model_name = "large"\s*$/)
    await page.keyboard.press('Enter')
    await status('40 events, 4 failed')
    assert.match(page.url(), /filter=/)
    await page.getByRole('button', { name: 'model_name = "large"', exact: true }).waitFor()
    await studio.checkAccessibility()
  })

  it('marks what is wrong where it is, and does not search for it', async () => {
    const { page } = studio
    await studio.goto('/explorer')
    await status('120 events')
    await editor().click()
    await page.keyboard.type('modelname = "x"')
    await page.locator('.cm-lintRange-error').filter({ hasText: 'modelname' }).waitFor()
    await page.locator('.cm-lintRange-error').hover()
    await page.getByText('Did you mean model_name?').first().waitFor()
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await status('120 events')
    await studio.goto('/explorer?filter=nothing%20%3D%201')
    await page.getByRole('alert').filter({ hasText: 'There is no field "nothing"' }).waitFor()
  })

  it('takes a filter before its editor has come, which goes on from there', async () => {
    const { page } = studio
    const chunk = /filter-code-editor.*\.js$/
    const asked: string[] = []
    let come = () => {}
    const isHere = new Promise<void>((resolve) => {
      come = resolve
    })
    await page.route(chunk, async (route) => {
      asked.push(route.request().url())
      await isHere
      await route.continue()
    })
    await studio.goto('/explorer')
    await status('120 events')
    assert.deepEqual(asked, [], 'who only reads loads no editor')
    await editor().click()
    await page.keyboard.type('model_name = "large"')
    await page.keyboard.press('Enter')
    await status('40 events')
    assert.equal(await editor().inputValue(), 'model_name = "large"')
    await page.keyboard.press('Home')
    await page.keyboard.type('sta')
    come()
    await page.getByRole('option', { name: /^status/ }).waitFor()
    await page.keyboard.type('tus = "error" AND ')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Enter')
    await status('4 events, 4 failed')
    assert.equal(await editor().textContent(), 'status = "error" AND model_name = "large"')
    await page.unroute(chunk)
    // Over text that begins with a colour: of that the browser would make an inline style, see `code/typing.ts`.
    await page.keyboard.press('Control+a')
    await page.keyboard.type('(input_tokens = 7)')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('model_name')
  })

  it('looks the same with and without the editor of the filter', async () => {
    const { page } = studio
    const many = Array.from({ length: 12 }, (_, index) => `input_tokens != ${index}`)
    for (const filter of [
      '',
      'input_tokens > 1',
      `model_name != "${'long '.repeat(50)}"`,
      many.join('\nAND '),
    ]) {
      await page.mouse.move(0, 0)
      await studio.goto(`/explorer?filter=${encodeURIComponent(filter)}`)
      await status(/1\d\d events/)
      const top = async () => (await page.getByRole('button', { name: 'Facets' }).boundingBox())!.y
      const before = await top()
      await editor().hover()
      await page.locator('.cm-content').waitFor()
      assert.equal(await top(), before, `what is below ${filter} moves`)
      assert.equal(await editor().evaluate((field) => document.activeElement === field), false)
    }
  })

  it('has the same filter as chips and facets', async () => {
    const { page } = studio
    await studio.goto('/explorer')
    const facet = page.getByRole('list', { name: 'Status' }).getByRole('button', { name: /^error/ })
    await facet.click()
    await status('12 events, 12 failed')
    assert.equal(await facet.getAttribute('aria-pressed'), 'true')
    await page.getByRole('button', { name: 'team', exact: true }).click()
    await page.getByRole('list', { name: 'team' }).getByRole('button', { name: /^blue/ }).waitFor()
    await page.getByRole('button', { name: 'Add condition' }).click()
    await page.getByLabel('Field', { exact: true }).selectOption('input_tokens')
    await page.getByLabel('Operator').selectOption('lt')
    await page.getByLabel('Value').fill('many')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('must be a whole number').waitFor()
    await studio.checkAccessibility()
    await page.getByLabel('Value').fill('50')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await status('3 events, 3 failed')
    assert.match((await editor().textContent()) ?? '', /status = "error" AND input_tokens < 50/)
    await page.getByRole('button', { name: 'Remove status = "error"' }).click()
    await status('30 events, 3 failed')
    await page.goBack()
    await status('3 events, 3 failed')
  })

  it('keeps to a time, chosen by name, by hand, or by drawing over the histogram', async () => {
    const { page } = studio
    await studio.goto('/explorer')
    await status('120 events')
    await page.getByRole('button', { name: /Time range/ }).click()
    await page.getByRole('button', { name: 'Last 24 hours' }).click()
    await status('23 events')
    assert.match(page.url(), /range=24h/)
    const chart = page.getByRole('img', { name: /Events over time/ })
    const box = (await chart.boundingBox())!
    await page.mouse.move(box.x + box.width * 0.5, box.y + 30)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.8, box.y + 30, { steps: 5 })
    await page.mouse.up()
    await page.waitForURL(/from=.*to=/)
    await status(/^[4-9] events/)
    await page.getByRole('button', { name: /Time range/ }).click()
    await page.getByLabel('From', { exact: true }).fill('2001-01-01T00:00')
    await page.getByLabel('To', { exact: true }).fill('2001-01-02T00:00')
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Show this time' }).click()
    await page.getByText('No events in this time').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Look at all time' }).click()
    await status('120 events')
  })

  it('moves between events by keyboard, with all of each beside the table', async () => {
    const { page } = studio
    const { body } = await server.call('POST', path, {
      body: {
        events: [
          {
            event_id: 'rich',
            model_name: 'large',
            request_messages: [
              {
                role: 'user',
                content: [
                  { type: 'text', text: HOSTILE },
                  { type: 'image_url', image_url: { url: IMAGE } },
                ],
              },
              {
                role: 'user',
                content: [{ type: 'image_url', image_url: { url: 'https://example.org/spy.png' } }],
              },
            ],
            response_messages: [
              {
                role: 'assistant',
                content: 'Look:\n```ts\nconst sky = "blue"\n```',
                tool_calls: [{ id: 'c1', function: { name: 'get_weather', arguments: '{"city":"Nice"}' } }],
              },
            ],
            metadata: { note: HOSTILE },
          },
        ],
      },
    })
    await studio.goto('/explorer')
    await status('121 events')
    await page.getByRole('grid', { name: 'Events' }).focus()
    await page.keyboard.press('Enter')
    await panel().getByText('calls get_weather').waitFor()
    assert.match(page.url(), new RegExp(body.event_ids[0]))
    await panel().getByText(HOSTILE).waitFor()
    assert.equal(await panel().getByRole('img', { name: 'Part of the message' }).count(), 1)
    await panel().getByText('https://example.org/spy.png').waitFor()
    await panel()
      .getByRole('group', { name: /^ts, message/ })
      .getByText('const sky')
      .waitFor()
    await studio.checkAccessibility()
    await page.keyboard.press('j')
    await panel().getByText('What is the weather in town 0?').waitFor()
    await page.keyboard.press('ArrowDown')
    await panel().getByText('What is the weather in town 1?').waitFor()
    await page.keyboard.press('k')
    await panel().getByText('HTTP 429: too many requests').waitFor()
    await panel().getByRole('tab', { name: 'Similar' }).click()
    await panel().getByRole('list', { name: 'Similar events' }).getByText('in town').first().waitFor()
    await studio.checkAccessibility()
    await panel().getByRole('tab', { name: 'Trace' }).click()
    await panel().getByText('This call was not traced').waitFor()
    await panel().getByRole('tab', { name: 'Judgements' }).click()
    await panel().getByText('No judge has looked at this event').waitFor()
    await panel().getByRole('tab', { name: 'Fields' }).click()
    await panel().getByRole('button', { name: 'Filter for this Status' }).click()
    await status('12 events, 12 failed')
    await page.getByRole('grid', { name: 'Events' }).focus()
    await page.keyboard.press('Escape')
    await panel().waitFor({ state: 'detached' })
  })

  it('shows new events as they come', async () => {
    const { page } = studio
    await studio.goto('/explorer?filter=model_name%20%3D%20%22brand-new%22')
    await page.getByText('No event matches').waitFor()
    await page.getByRole('button', { name: 'Go live' }).click()
    const send = (name: string) =>
      server.call('POST', path, {
        body: { events: [{ model_name: 'brand-new', request_messages: [{ role: 'user', content: name }] }] },
      })
    await send('first of all')
    await rows().filter({ hasText: 'first of all' }).waitFor()
    await send('and the second')
    await rows().filter({ hasText: 'and the second' }).waitFor()
    assert.match((await rows().first().textContent()) ?? '', /and the second/)
    await page.getByRole('button', { name: 'Live', exact: true }).click()
  })

  it('puts chosen events into a dataset, a campaign or a file', async () => {
    const { page } = studio
    await studio.goto('/explorer?filter=model_name%20%3D%20%22small%22')
    await status('80 events')
    await page.getByRole('button', { name: 'To dataset' }).click()
    await page.getByLabel('Name', { exact: true }).fill('small talk')
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Import' }).click()
    await page.getByText('80 events in “small talk”.').waitFor()
    await page.getByRole('button', { name: 'Close' }).last().click()

    await rows().nth(0).getByRole('checkbox').check()
    await rows().nth(2).getByRole('checkbox').check()
    await status('2 events selected')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n')
    assert.equal(lines.length, 2)
    assert.equal(JSON.parse(lines[0]!).model_name, 'small')
    await page.getByRole('button', { name: 'Select none' }).click()
    await page.getByRole('button', { name: 'Campaign' }).click()
    await page.waitForURL(/\/campaigns\/new\?filter=/)
    assert.match(new URL(page.url()).searchParams.get('filter')!, /^model_name = "small" AND timestamp >= "/)
  })

  it('keeps columns and filters as views that others open', async () => {
    const { page } = studio
    await studio.goto('/explorer?filter=status%20%3D%20%22error%22')
    await status('12 events')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByRole('list', { name: 'Other columns' }).getByLabel('team').click()
    await page.getByRole('button', { name: 'Move Status before' }).click()
    await studio.checkAccessibility()
    await page.keyboard.press('Escape')
    const heads = page.getByRole('columnheader')
    await eventually(async () => /Status/.test((await heads.nth(1).textContent()) ?? ''))
    await heads.last().getByRole('separator').focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/metadata\.team%3A176/)
    await heads.last().getByRole('separator').scrollIntoViewIfNeeded()
    const edge = (await heads.last().getByRole('separator').boundingBox())!
    await page.mouse.move(edge.x + 2, edge.y + 10)
    await page.mouse.down()
    await page.mouse.move(edge.x - 38, edge.y + 10, { steps: 4 })
    await page.mouse.up()
    await page.waitForURL(/metadata\.team%3A136/)
    await heads.nth(1).getByText('Status').dragTo(heads.nth(3))
    await eventually(async () => /Status/.test((await heads.nth(3).textContent()) ?? ''))
    await page.getByLabel('Select all that are loaded').check()
    await status('12 events selected')
    await page.getByLabel('Select all that are loaded').uncheck()
    await status('12 events, 12 failed')
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByRole('menuitem', { name: 'Save as a new view…' }).click()
    await page.getByLabel('Name').fill('Failures by team')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('button', { name: 'Failures by team', exact: true }).waitFor()
    // What is looked at is no part of a view, what is asked for is.
    await page.getByRole('button', { name: 'Go live' }).click()
    await page.getByRole('button', { name: 'Failures by team', exact: true }).waitFor()
    await page
      .getByRole('button', { name: /^Remove.*status/i })
      .first()
      .click()
    await page.getByRole('button', { name: 'Failures by team (changed)' }).waitFor()

    const reader = await Studio.open(server, { key: await server.makeKey('read') })
    await reader.goto('/explorer')
    await reader.page.getByRole('button', { name: 'Views' }).click()
    await reader.page.getByRole('menuitem', { name: 'Failures by team', exact: true }).click()
    await reader.page.getByRole('status').filter({ hasText: '12 events' }).waitFor()
    await reader.page.getByRole('columnheader', { name: /team/ }).waitFor()
    assert.equal(await reader.page.getByRole('button', { name: 'To dataset' }).count(), 0)
    await reader.close()
  })
})

describe('Explorer without any events', needsChromium, () => {
  it('says where they come from', async () => {
    const server = await startTestServer()
    const studio = await Studio.open(server)
    await studio.goto('/explorer?range=all')
    await studio.page.getByText('No events yet').waitFor()
    await studio.checkAccessibility()
    await studio.close()
    await server.close()
  })
})
