// A real Chromium for tests, or the reason why there is none.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

const FOUND = ['chromium', 'chromium-browser', 'google-chrome'].map(name => Bun.which(name)).find(Boolean)

/** Undefined where tests can run. With `REQUIRE_BROWSER=1` a missing browser is an error. */
export const noBrowser = FOUND ? undefined : 'no chromium on the PATH'
if (noBrowser && process.env.REQUIRE_BROWSER === '1') throw new Error(`REQUIRE_BROWSER=1, but ${noBrowser}`)

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Tab extends AsyncDisposable {
  page: Page
  /** Addresses of all requests that left the page; those that its policy stopped are not among them. */
  asked: string[]
}

/** A tab of a browser that has never been used before. */
export async function openTab(width = 1280): Promise<Tab> {
  const profile = await mkdtemp(join(tmpdir(), 'natter-browser-'))
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: FOUND as string,
    args: FLAGS,
    viewport: { width, height: 900 },
  })
  const page = await browser.newPage()
  page.setDefaultTimeout(30_000)
  const asked: string[] = []
  page.on('requestfinished', request => asked.push(request.url()))
  page.on('requestfailed', request => {
    if (request.failure()?.errorText !== 'csp') asked.push(request.url())
  })
  page.on('websocket', socket => asked.push(socket.url().replace(/^ws/, 'http')))
  return {
    page,
    asked,
    async [Symbol.asyncDispose]() {
      await browser.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
