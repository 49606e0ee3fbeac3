// The pages in a real browser: they work, and they ask nobody else.
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { RATES } from '../../src/auth/rates'
import { noBrowser, openTab, type Tab } from '../support/browser'
import { PASSWORD } from '../support/people'
import { world } from '../support/world'

const PATIENCE_MS = 60_000
const story = (name: string, tell: () => Promise<void>) =>
  noBrowser ? test.skip(`${name} (${noBrowser})`, tell) : test(name, tell, PATIENCE_MS)

/** `SCREENSHOTS=/tmp` keeps what the page looked like. */
const picture = async (page: Page, name: string) => {
  const folder = process.env.SCREENSHOTS
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: name.startsWith('try') })
}

const mustAskOnly = ({ asked }: Tab, url: string) =>
  expect(asked.filter(address => !/^(data|blob):/.test(address) && new URL(address).origin !== url)).toEqual(
    [],
  )

story('an operation fits on a phone', async () => {
  await using w = await world()
  await using tab = await openTab(375)
  const { page } = tab
  await page.goto(`${w.url}/docs#/auth/postAuthLogin`)
  await page.locator('.opblock.is-open .responses-table').waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
})

story('Ann authorizes with her password on the page of the API, and asks who she is', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  await using tab = await openTab()
  const { page } = tab
  await page.goto(`${w.url}/docs`)

  await page.getByRole('button', { name: 'Authorize' }).click()
  const form = page.locator('.auth-container').filter({ hasText: 'OAuth2, password' })
  await form.locator('#oauth_username').fill(ann.name)
  await form.locator('#oauth_password').fill(PASSWORD)
  await form.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click()
  await form.getByText('Authorized').waitFor()
  await picture(page, 'swagger-authorized')
  await page.locator('.btn-done').first().click()

  const me = page.locator('#operations-auth-getAuthMe')
  await me.locator('.opblock-summary-control').click()
  await me.locator('.execute').click()
  const answer = me.locator('.live-responses-table .response')
  await answer.waitFor()
  await picture(page, 'swagger-executed')
  expect(await answer.locator('.response-col_status').innerText()).toContain('200')
  expect(await answer.innerText()).toContain('"username": "ann"')
  mustAskOnly(tab, w.url)
})

story('a stranger who executes the same hears 401', async () => {
  await using w = await world()
  await using tab = await openTab()
  await tab.page.goto(`${w.url}/docs#/auth/getAuthMe`)
  const me = tab.page.locator('#operations-auth-getAuthMe')
  await me.locator('.execute').click()
  const status = me.locator('.live-responses-table .response .response-col_status')
  expect(await status.innerText()).toContain('401')
})

story('the form for name and password is the one in view', async () => {
  await using w = await world()
  await using tab = await openTab()
  const { page } = tab
  await page.goto(`${w.url}/docs`)
  await page.getByRole('button', { name: 'Authorize' }).click()
  await page.locator('#oauth_username:focus').waitFor()
  const dialog = (await page.locator('.modal-ux-content').boundingBox())!
  const name = (await page.locator('#oauth_username').boundingBox())!
  expect(name.y).toBeGreaterThan(dialog.y)
  expect(name.y + name.height).toBeLessThan(dialog.y + dialog.height)
})

story('ReDoc is readable in the dark, and breaks no rule of the page', async () => {
  await using w = await world()
  await using tab = await openTab()
  const { page } = tab
  const errors: string[] = []
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(`${w.url}/redoc`)
  await page.getByRole('heading', { name: 'Send a message' }).first().waitFor()
  await picture(page, 'redoc-dark')
  for (const some of ['h5', '.redoc-markdown th', '.redoc-markdown td', '.react-tabs__tab--selected']) {
    const [text, back] = await page.locator(`#redoc ${some}`).first().evaluate(lightness)
    expect(`${some}: ${text! > 140}, ${back! < 60}`).toBe(`${some}: true, true`)
  }
  expect(errors).toEqual([])
})

/** Of the text, and of what is behind it: 0 to 255. */
function lightness(element: Element) {
  const mean = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
    return (red + green + blue) / 3
  }
  const isClear = (colour: string) => colour === 'transparent' || colour.endsWith(', 0)')
  let behind: Element | null = element
  while (behind && isClear(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement
  return [
    mean(getComputedStyle(element).color),
    behind ? mean(getComputedStyle(behind).backgroundColor) : 255,
  ]
}

story('ReDoc shows the operations', async () => {
  await using w = await world()
  await using tab = await openTab()
  await tab.page.goto(`${w.url}/redoc`)
  await tab.page.getByRole('heading', { name: 'Send a message' }).first().waitFor()
  await picture(tab.page, 'redoc')
  mustAskOnly(tab, w.url)
})

for (const width of [1280, 390]) {
  story(`Ann and Bob sign up on the first page and talk, ${width} pixels wide`, async () => {
    await using w = await world()
    await using tab = await openTab(width)
    const { page } = tab
    const errors: string[] = []
    page.on('pageerror', error => errors.push(error.message))
    await page.goto(w.url)
    const [ann, bob] = ['Ann', 'Bob'].map(name => page.getByRole('region', { name, exact: true }))
    if (!ann || !bob) throw new Error('Both are on the page.')
    for (const person of [ann, bob]) await person.getByRole('button', { name: 'Sign up or in' }).click()
    for (const person of [ann, bob]) await person.getByText('online').waitFor()

    await ann.getByLabel('Message', { exact: true }).pressSequentially('Hello Bob')
    await bob.getByText('Ann is typing').waitFor()
    await ann.getByRole('button', { name: 'Send' }).click()
    await bob.getByRole('listitem').filter({ hasText: 'Hello Bob' }).filter({ hasText: '#1' }).waitFor()
    await ann.getByRole('listitem').filter({ hasText: '#1 ✓✓' }).waitFor()

    await bob.getByRole('button', { name: 'Cut line' }).click()
    await bob.getByLabel('Message', { exact: true }).fill('<b>Hello</b> Ann')
    await bob.getByRole('button', { name: 'Send' }).click()
    await ann.getByRole('listitem').filter({ hasText: '<b>Hello</b> Ann' }).waitFor()
    await bob.getByRole('listitem').filter({ hasText: '#2' }).waitFor()
    await picture(page, `try-${width}`)
    expect(await ann.getByRole('listitem').count()).toBe(2)
    expect(await bob.getByRole('listitem').count()).toBe(2)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    expect(errors).toEqual([])
    mustAskOnly(tab, w.url)
  })
}

story('what Ann writes too fast on the first page goes out when it may, and Bob sees all of it', async () => {
  await using w = await world({ RATE_LIMITS: true })
  await using tab = await openTab()
  const { page } = tab
  await page.goto(w.url)
  const [ann, bob] = ['Ann', 'Bob'].map(name => page.getByRole('region', { name, exact: true }))
  for (const person of [ann, bob]) await person!.getByRole('button', { name: 'Sign up or in' }).click()
  for (const person of [ann, bob]) await person!.getByText('online').waitFor()

  const many = RATES.messages.burst + 50
  await ann!.getByLabel('Message', { exact: true }).evaluate((input: HTMLInputElement, many) => {
    for (let i = 1; i <= many; i++) {
      input.value = `message ${i}`
      input.form?.requestSubmit()
    }
  }, many)
  await ann!.getByRole('alert').filter({ hasText: 'Wait a while' }).waitFor()
  await picture(page, 'try-too-fast')
  await bob!
    .getByRole('listitem')
    .filter({ hasText: `#${many}` })
    .waitFor()
  expect(await bob!.getByRole('listitem').count()).toBe(many)
  await ann!.getByRole('alert').waitFor({ state: 'hidden' })
})
