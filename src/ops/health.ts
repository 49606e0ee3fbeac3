// Is the process up, and can it serve?
import { Elysia } from 'elysia'
import { Type } from '@sinclair/typebox'
import { unavailable } from '../lib/errors'
import { answers } from '../lib/answers'

const Health = Type.Object({ status: Type.Literal('ok'), version: Type.String() }, { title: 'Health' })
const Ready = Type.Object({ status: Type.Literal('ready'), store: Type.String() }, { title: 'Ready' })

interface Store {
  engine: string
  ping(): Promise<void>
}

export function healthRoutes(store: Store, version: string) {
  return new Elysia({ name: 'health', detail: { tags: ['ops'] } })
    .get('/health', () => ({ status: 'ok' as const, version }), {
      response: answers({ 200: Health }),
      detail: { summary: 'Whether the process is up' },
    })
    .get(
      '/ready',
      async () => {
        await store.ping().catch(cause => {
          throw Object.assign(unavailable('store_unavailable', 'The store does not answer.', 5), { cause })
        })
        return { status: 'ready' as const, store: store.engine }
      },
      {
        response: answers({ 200: Ready }, 503),
        detail: { summary: 'Whether requests can be served', description: 'Asks the store.' },
      },
    )
}
