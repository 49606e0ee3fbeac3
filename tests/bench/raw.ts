// The ceiling: what bare Bun and SQLite do, without a chat service on top. `bun raw.ts <directory> <secret> <port>`
import { join } from 'node:path'
import { readPass, signPass, type Pass } from './pass'
import { openRawStore, textOf } from './rawstore'

const [dir = '.', secret = '', port = '0'] = process.argv.slice(2)
const store = openRawStore(join(dir, 'raw.db'))
const headers = { 'content-type': 'application/json' }
const topicOf = (chatId: string) => `chat:${chatId}`
const passOf = (request: Request) => readPass(secret, request.headers.get('authorization'))

const server = Bun.serve<Pass, string>({
  port: Number(port),
  hostname: '127.0.0.1',
  reusePort: false,
  routes: {
    '/health': () => new Response('{"status":"ok"}', { headers }),
    '/ws': (request, server) => {
      const pass = passOf(request)
      if (!pass) return refused()
      if (!server.upgrade(request, { data: pass })) return new Response(null, { status: 426 })
    },
    '/chats/:id/messages': {
      POST: async request => {
        const pass = passOf(request)
        if (!pass) return refused()
        const { content } = (await request.json()) as { content: string }
        return post(request.params.id as string, pass.user_id, content)
      },
      GET: request =>
        answer(request, ({ id = '' }, query) => store.page(id, Number(query.get('before')), limitOf(query))),
    },
    '/chats': request => answer(request, (_, query, me) => store.list(me, limitOf(query))),
    '/messages/search': request =>
      answer(request, (_, query) => store.search(query.get('q') ?? '', limitOf(query))),
    '/auth/login': { POST: request => login(request) },
  },
  websocket: {
    data: {} as Pass,
    maxPayloadLength: 64 * 1024,
    backpressureLimit: 4 * 1024 * 1024,
    closeOnBackpressureLimit: true,
    idleTimeout: 60,
    open(ws) {
      for (const chatId of ws.data.chats) ws.subscribe(topicOf(chatId))
      ws.data.chats = []
      ws.send(JSON.stringify({ type: 'hello', user_id: ws.data.user_id }))
    },
    message(ws, text) {
      const { id, chat_id, content } = JSON.parse(text as string)
      store.append(chat_id, ws.data.user_id, content, message => {
        const shown = textOf(message)
        ws.send(`{"type":"ack","id":${JSON.stringify(id)},"message":${shown}}`)
        publish(chat_id, shown)
      })
    },
  },
})

type Find = (params: Record<string, string>, query: URLSearchParams, me: string) => object[]

function answer(request: Bun.BunRequest<string>, find: Find): Response {
  const pass = passOf(request)
  if (!pass) return refused()
  const items = find(request.params, new URL(request.url).searchParams, pass.user_id)
  return new Response(JSON.stringify({ items }), { headers })
}

async function login(request: Request): Promise<Response> {
  const { username, password } = (await request.json()) as Record<'username' | 'password', string>
  if (!(await Bun.password.verify(password, store.hashOf(username)))) return refused()
  return Response.json({ access_token: signPass(secret, { user_id: username, chats: [] }) })
}

function post(chatId: string, userId: string, content: string): Promise<Response> {
  return new Promise(resolve =>
    store.append(chatId, userId, content, message => {
      const shown = textOf(message)
      resolve(new Response(shown, { status: 201, headers }))
      publish(chatId, shown)
    }),
  )
}

function publish(chatId: string, shown: string) {
  server.publish(topicOf(chatId), `{"type":"message","message":${shown}}`)
}

const limitOf = (query: URLSearchParams) => Number(query.get('limit') ?? 50)
const refused = () => new Response(null, { status: 401 })

console.log(`raw listens on ${server.url.origin}`)
