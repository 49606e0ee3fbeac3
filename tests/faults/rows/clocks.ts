// A wall clock that jumps: only what is about the time of day may notice.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { historyOf } from '../../support/oracle'
import { api, PASSWORD, signIn, type Person } from '../../support/people'
import { call } from '../../support/raw'
import { crowd, judged, must, siteOf, until, type Outcome, type Row, type Site } from '../row'
import { everyone, mustHaveHeardAll, talkOn, type Talk } from './crashes'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const JUMPS: [string, number][] = [
  ['an hour ahead', HOUR_MS],
  ['an hour back', -HOUR_MS],
  ['a day ahead', DAY_MS],
  ['a day back', -DAY_MS],
]

interface Clock {
  /** Moves by so much; resolves once the server has seen it. */
  jump(ms: number): Promise<void>
}

function clockOf(site: Site, file: string): Clock {
  let offset = 0
  let asked = 0
  /** What the server takes for now. */
  async function timeThere(): Promise<number> {
    const json = { username: `probe${++asked}`, password: PASSWORD }
    const { body } = await call(site.url, 'POST', '/auth/register', { json })
    return Date.parse(body.user.created_at)
  }
  return {
    async jump(ms) {
      offset += ms
      writeFileSync(file, String(offset))
      const isSeen = async () => Math.abs((await timeThere()) - Date.now() - offset) < HOUR_MS / 2
      await until('the clock has jumped', isSeen)
    },
  }
}

/** Live things go by timers: presence, typing. */
async function mustLive(site: Site, [ann, bob]: Person[], chatId: string) {
  const listening = await bob!.online()
  const line = await ann!.online()
  const typing = (on: boolean) => (frame: any) => frame.user_id === ann!.id && frame.on === on
  const isAnn = (presence: string) => (frame: any) => frame.user_id === ann!.id && frame.presence === presence
  await until('ann is seen online', async () => {
    const { body } = await call(site.url, 'GET', `/users/${ann!.id}`, { token: bob!.token })
    return body.presence === 'online'
  })
  line.say({ type: 'typing', chat_id: chatId, on: true })
  await until('typing is heard', () => listening.of('typing').some(typing(true)))
  await until('typing ends by itself', () => listening.of('typing').some(typing(false)), 10)
  line.close()
  await until('ann is told offline', () => listening.of('presence').some(isAnn('offline')), 15)
  listening.close()
}

/** A client that was away while the clock jumped hears that the chat has been renamed since. */
async function mustCatchUp({ talkers, members, chatId }: Talk) {
  const { replica } = talkers[1]!
  const group_name = `renamed ${crypto.randomUUID()}`
  const { status } = await members[0]!.api.chats({ id: chatId }).patch({ group_name })
  must(status === 200, `renaming answered ${status}`)
  const line = await replica.comeBack()
  const isTold = line.of('chat').some(({ chat }) => chat.group_name === group_name)
  must(isTold, 'one who was away was not told of a new name')
}

/** One refresh, or where the token has ended by the clock, a new sign-in. */
async function signedIn(site: Site, person: Person): Promise<Person> {
  const { status } = await person.api.auth.me.get()
  return status === 200 ? person : signIn(site.url, person)
}

async function jumps(): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'natter-clock-'))
  const file = join(dir, 'offset')
  writeFileSync(file, '0')
  const preload = ([bun, ...rest]: string[]) => [
    bun!,
    '--preload',
    join(import.meta.dir, '../clock.ts'),
    ...rest,
  ]
  try {
    await using site = await siteOf({ FAULTS_CLOCK: file, ACCESS_TOKEN_MINUTES: '120' }, preload)
    return await jumpAll(site, clockOf(site, file))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

async function jumpAll(site: Site, clock: Clock): Promise<Outcome> {
  const talk = await talkOn(site.url, 4)
  const bystanders = await crowd(site.url, 2, 'by')
  const told: string[] = []
  for (const [what, ms] of JUMPS) {
    if (Math.abs(ms) < DAY_MS) {
      await everyone(talk.talkers)
      await until('acks', () => talk.ledger.acked.size > 50)
      talk.talkers[1]!.drop()
      await clock.jump(ms)
      // Ahead nothing changes that would carry the later time.
      if (ms > 0) await talk.talkers[1]!.comeBack()
      else await mustCatchUp(talk)
      const before = talk.ledger.acked.size
      await until(`acks after ${what}`, () => talk.ledger.acked.size > before + 200)
      for (const talker of talk.talkers) talker.drop()
    } else await clock.jump(ms)
    const [ann, bob] = await Promise.all(bystanders.map(person => signedIn(site, person)))
    const { data } = await ann!.api.chats.post({ participants: [bob!.id] })
    const sent = await ann!.api.chats({ id: data!.id }).messages.post({ content: what })
    must(sent.status === 201, `a send after ${what} answered ${sent.status}`)
    await mustLive(site, [ann!, bob!], data!.id)
    told.push(what)
  }
  await mustEnd(site, clock, bystanders[0]!)
  await everyone(talk.talkers)
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  await mustHaveHeardAll(talk, site.url)
  const history = await historyOf(site.url, talk.members[0]!.token, talk.chatId)
  must(new Set(history.map(({ id }) => id)).size === history.length, 'an id was given twice')
  const verdict = await judged(site.url, talk.ledger, talk.members, talk.chatId)
  for (const talker of talk.talkers) talker.drop()
  return {
    figures: `${told.join(', ')}: sends, presence, typing and catching up go on; tokens end by the clock`,
    verdict,
  }
}

/** A token ends by the clock, with its sockets; and is good again where the clock was wrong. */
async function mustEnd(site: Site, clock: Clock, person: Person) {
  const line = await person.online()
  await clock.jump(DAY_MS)
  must((await line.closed) === 4401, 'the socket outlived its token')
  must((await api(site.url, person.token).auth.me.get()).status === 401, 'the token outlived its time')
  await clock.jump(-DAY_MS)
  must((await api(site.url, person.token).auth.me.get()).status === 200, 'the token is lost')
}

export const clocks: Row[] = [
  { id: 'F20', does: 'The clock jumps by an hour and by a day', lane: 'clock', run: jumps },
]
