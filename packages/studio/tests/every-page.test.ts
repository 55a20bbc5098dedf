import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { ALARM } from './harness/attacks.ts'
import { type Ids, pages, routePaths } from './harness/every-page.ts'
import { hostileAnswer, writeHostileData, writeHostileExecution } from './harness/hostile-data.ts'
import { outOfReach } from './harness/keyboard.ts'
import { misfits, SMALLEST_WINDOW } from './harness/layout.ts'
import { needsChromium, Studio } from './harness/studio.ts'

/** Of compressed JavaScript, for the first page that somebody opens. */
const MAX_SCRIPT_BYTES = 300_000
/** Nothing that only an attack would have brought about. */
const INTRUDERS =
  'iframe,object,embed,base,meta[http-equiv],img[src="x"],[onload],[onerror],[onfocus],[onbegin],form[action],a[href^="javascript:" i],a[href^="data:" i],[src*="evil.example"],[href*="evil.example"]:not([rel~="noopener"])'

describe('every page of the studio', needsChromium, () => {
  let provider: ScriptedProvider
  let server: TestServer
  let studio: Studio
  let ids: Ids
  before(async () => {
    provider = await startScriptedProvider(hostileAnswer)
    server = await startTestServer({ providerUrl: provider.url, temporalAddress: testTemporal() })
    const data = await writeHostileData(server)
    ids = { ...data, ...(await writeHostileExecution(server, data, testTemporal())) }
    studio = await Studio.open(server)
  })
  after(async () => {
    await studio.close({ expectProblems: true })
    await server.close()
    await provider.close()
  })

  /** Opens an address and waits until nothing on it is still being asked for. */
  const open = async (to: string) => {
    await studio.goto(to)
    await studio.page.locator('h1').first().waitFor()
    await studio.page.waitForFunction(() => !/\b(Loading|Looking|Asking)\b.*…/.test(document.body.innerText))
  }

  it('is known here', () => {
    assert.deepEqual(
      routePaths().filter((path) => !(path in pages)),
      [],
      'say in harness/every-page.ts how to open these',
    )
  })

  it('would notice what came in, and what no key reaches', async () => {
    await open('/login')
    await studio.page.evaluate((name) => {
      const trap = document.createElement('div')
      trap.textContent = 'for pointers only'
      Object.assign(trap, { __reactProps$test: { onClick: () => {} } })
      const link = document.createElement('a')
      link.href = `javascript:${name}=1`
      link.textContent = 'a link'
      document.querySelector('main')!.append(trap, link)
    }, ALARM)
    assert.match((await outOfReach(studio.page)).join(), /^<div>for pointers only<\/div>$/)
    assert.equal(await studio.page.locator(INTRUDERS).count(), 1)
    await studio.page.evaluate(() =>
      // As libraries do to learn whether they may: nothing is thrown that anybody sees.
      addEventListener('keydown', () => Promise.try(() => new Function('')).catch(() => {})),
    )
    await studio.page.keyboard.press('Shift')
    await eventually(async () => studio.problems.some((one) => one.includes('script-src refuses eval')))
  })

  for (const path of routePaths().filter((path) => path in pages)) {
    it(`${path} shows what was written as text, to eyes and keyboards, and is small`, async () => {
      for (const { to, shows } of pages[path]!(ids)) {
        studio.problems.length = 0
        await open(to)
        const { page } = studio
        const shown = () =>
          page.evaluate(() =>
            [
              document.body.innerText,
              ...[...document.querySelectorAll<HTMLInputElement>('input,textarea')].map(({ value }) => value),
            ].join('\n'),
          )
        for (const words of shows)
          await page
            .waitForFunction(
              (wanted) =>
                document.body.innerText.includes(wanted) ||
                [...document.querySelectorAll<HTMLInputElement>('input,textarea')].some(({ value }) =>
                  value.includes(wanted),
                ),
              words,
            )
            .catch(async () =>
              assert.fail(`${to} does not show ${words}:\n${(await shown()).slice(0, 2_000)}`),
            )
        assert.deepEqual(
          await page.evaluate(
            (selector) => [...document.querySelectorAll(selector)].map((one) => one.outerHTML.slice(0, 200)),
            INTRUDERS,
          ),
          [],
          `what does not belong on ${to}`,
        )
        const bytes = await page.evaluate(() =>
          (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
            .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
            .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
        )
        assert.ok(bytes > 50_000 && bytes <= MAX_SCRIPT_BYTES, `${to} loads ${bytes} bytes of JavaScript`)
        await studio.checkAccessibility()
        assert.deepEqual(await outOfReach(page), [], `what no key reaches on ${to}`)
        const { width, height } = page.viewportSize()!
        await page.setViewportSize(SMALLEST_WINDOW)
        assert.deepEqual(await misfits(page), [], `what does not fit into a small window on ${to}`)
        await page.setViewportSize({ width, height })
        assert.equal(
          await page.evaluate((name) => (globalThis as unknown as Record<string, unknown>)[name], ALARM),
          undefined,
          `a script ran on ${to}`,
        )
        assert.ok(page.url().startsWith(server.url), `${to} led away to ${page.url()}`)
        assert.deepEqual(studio.problems, [], `what the browser complained of on ${to}`)
      }
    })
  }
})
