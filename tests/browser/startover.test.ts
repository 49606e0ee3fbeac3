// The try-out page when its server comes back with a store that was put back from a copy.
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { backUp, end, onMongo, putBack } from '../support/backups'
import { noBrowser, openTab } from '../support/browser'
import { newHome, start } from '../support/server'

const reason = noBrowser ?? (onMongo ? 'its copies are made by its own tools' : undefined)

test.skipIf(reason !== undefined)(
  `both sign in again by themselves, see what the copy holds, and go on (${reason ?? 'here'})`,
  async () => {
    await using home = await newHome()
    await using elsewhere = await newHome()
    let server = await start(home)
    await using tab = await openTab()
    const { page } = tab
    await page.goto(server.url)
    for (const name of ['Ann', 'Bob'])
      await page.getByLabel(name, { exact: true }).getByRole('button', { name: 'Sign up or in' }).click()
    const [ann, bob] = ['Ann', 'Bob'].map(name => page.getByLabel(name, { exact: true }))
    const say = async (panel: typeof ann, text: string) => {
      await panel!.getByLabel('Message', { exact: true }).fill(text)
      await panel!.getByRole('button', { name: 'Send' }).click()
    }
    const entry = (panel: typeof ann, text: string) => panel!.locator('.log li', { hasText: text })
    await say(ann, 'kept')
    await entry(bob, 'kept').waitFor()
    const { path } = await backUp(home, join(elsewhere.DATA_DIR as string, 'backups'))
    await say(bob, 'lost')
    await entry(ann, 'lost').waitFor()
    await end(server)
    await putBack(home, path, '--force')
    server = await start({ ...home, PORT: new URL(server.url).port })

    for (const panel of [ann, bob]) {
      await entry(panel, 'lost').waitFor({ state: 'detached' })
      await entry(panel, 'kept').waitFor()
    }
    await say(bob, 'and on')
    for (const panel of [ann, bob]) {
      await entry(panel, 'and on').waitFor()
      expect(await panel!.locator('.log li').count()).toBe(2)
    }
    await end(server)
  },
  60_000,
)
