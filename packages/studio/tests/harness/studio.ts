import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after } from 'node:test'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { findChromium } from './chromium.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** What a theme can break: it changes nothing but colours. */
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block']
/** A machine that is busy with other tests takes its time. */
const PATIENCE_MS = 30_000

/** What is needed of a server: where it is, and a key to make a login link with. */
export interface StudioServer {
  readonly url: string
  readonly key: string
  // biome-ignore lint/suspicious/noExplicitAny: of answers only the link's address is looked at
  call(method: string, target: string, options: { key: string }): Promise<{ body: any }>
}

/** For a suite's options: says why it does not run. */
export const needsChromium = findChromium()
  ? {}
  : {
      skip: 'skipped: there is no Chromium (apt-get install chromium-headless-shell or chromium, or TRAMONTANE_CHROMIUM)',
    }

/** One for all tests of a file: to start one takes longer than most of them. */
let browser: Promise<Browser> | undefined
after(async () => (await browser)?.close())

function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A profile of its own in a browser, with the studio of a server in it, as a user sees it. */
export class Studio {
  readonly page: Page
  readonly #context: BrowserContext
  readonly #server: StudioServer
  /** What the browser complained of: errors of scripts, and what the page's policy refused. */
  readonly problems: string[] = []

  private constructor(context: BrowserContext, page: Page, server: StudioServer) {
    this.#context = context
    this.page = page
    this.#server = server
    page.on('pageerror', (error) => this.problems.push(`error: ${error.message}`))
    page.on('console', (message) => {
      // An answer that is no success is one of the API's; what the page makes of it is looked at by each test.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        this.problems.push(`console: ${message.text()}`)
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !/^(data|blob):/.test(request.url()))
        this.problems.push(`a request to somebody else: ${request.url()}`)
    })
  }

  /** Opens the studio, logged in with a key (the admin's unless given; null: not at all). */
  static async open(
    server: StudioServer,
    { key = server.key, dark = false }: { key?: string | null; dark?: boolean } = {},
  ): Promise<Studio> {
    browser ??= startBrowser()
    const context = await (await browser).newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: dark ? 'dark' : 'light',
      // Pictures that nobody looks at take the processor that others wait for.
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'Europe/Paris',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    context.setDefaultTimeout(PATIENCE_MS)
    // As words of the console: what the page's policy refuses is not always told there.
    await context.addInitScript(() =>
      addEventListener(
        'securitypolicyviolation',
        ({ effectiveDirective, blockedURI, sample, sourceFile, lineNumber, target }) =>
          console.error(
            `${effectiveDirective} refuses ${blockedURI} ${sample} (${sourceFile}:${lineNumber}, ${(target as Element)?.outerHTML?.slice(0, 200) ?? 'the page'})`,
          ),
      ),
    )
    const studio = new Studio(context, await context.newPage(), server)
    if (key !== null) await studio.logIn(key)
    return studio
  }

  /** Logs in with a link that is made with a key. */
  async logIn(key: string): Promise<void> {
    const { body } = await this.#server.call('POST', '/v1/session/links', { key })
    await this.page.goto(body.url)
    await this.page.getByRole('navigation', { name: 'Sections' }).waitFor()
  }

  /** Goes to an address of the studio, such as `/explorer`. */
  async goto(target: string): Promise<void> {
    await this.page.goto(new URL(target, this.#server.url).href)
  }

  /** Chooses one of many: opens the choice and takes the first that the server finds by this name. */
  async choose(choice: Locator, name: string): Promise<void> {
    await choice.click()
    await this.page.getByPlaceholder('Search by name').fill(name)
    await this.page.getByRole('option', { name }).first().click()
    await choice.getByText(name).waitFor()
  }

  /** Fails if axe finds anything on the page as it is now, in light or in dark. */
  async checkAccessibility(): Promise<void> {
    // What is about to be replaced is faded for as long as its answer takes.
    await this.page.waitForFunction(
      () => !document.querySelector('ul.opacity-60, table.opacity-60, [role=grid].opacity-60'),
    )
    // Not as a script of the page, whose policy would refuse it.
    await this.page.evaluate(`if (!globalThis.axe) (() => { ${AXE} })(); undefined`)
    for (const theme of ['light', 'dark'] as const) {
      const found = await this.page.evaluate(
        async ({ theme, rules }) => {
          document.documentElement.dataset.theme = theme
          // Colours in the middle of a transition are nobody's.
          await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
          // biome-ignore lint/suspicious/noExplicitAny: axe comes as a script
          const { violations } = await (globalThis as any).axe.run(document, {
            resultTypes: ['violations'],
            selectors: false,
            ...(rules && { runOnly: rules }),
          })
          // biome-ignore lint/suspicious/noExplicitAny: axe comes as a script
          return violations.map(({ id, help, nodes }: any) => `${id}: ${help}: ${nodes[0].html}`)
        },
        { theme, rules: theme === 'dark' ? RULES_OF_COLOURS : undefined },
      )
      assert.deepEqual(found, [], `what axe finds on ${this.page.url()} in ${theme}`)
    }
  }

  /** Closes it. @throws if the browser complained of anything, unless `expectProblems` */
  async close({ expectProblems = false } = {}): Promise<void> {
    await this.#context.close()
    if (!expectProblems) assert.deepEqual(this.problems, [], 'what the browser complained of')
  }
}
