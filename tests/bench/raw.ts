// The ceiling: what bare Bun and SQLite do, without a chat service on top. `bun raw.ts <directory> <secret>`
import { join } from 'node:path'
import { readPass, type Pass } from './pass'
import { openRawStore, textOf } from './rawstore'

const [dir = '.', secret = ''] = process.argv.slice(2)
const append = openRawStore(join(dir, 'raw.db'))
const headers = { 'content-type': 'application/json' }
const topicOf = (chatId: string) => `chat:${chatId}`

const server = Bun.serve<Pass, '/ws' | '/chats/:id/messages'>({
  port: 0,
  hostname: '127.0.0.1',
  reusePort: false,
  routes: {
    '/ws': (request, server) => {
      const pass = readPass(secret, request.headers.get('authorization'))
      if (!pass) return refused()
      if (!server.upgrade(request, { data: pass })) return new Response(null, { status: 426 })
    },
    '/chats/:id/messages': {
      POST: async request => {
        const pass = readPass(secret, request.headers.get('authorization'))
        if (!pass) return refused()
        const { content } = (await request.json()) as { content: string }
        return post(request.params.id, pass.user_id, content)
      },
    },
  },
  websocket: {
    data: {} as Pass,
    maxPayloadLength: 64 * 1024,
    backpressureLimit: 4 * 1024 * 1024,
    closeOnBackpressureLimit: true,
    idleTimeout: 60,
    open(ws) {
      for (const chatId of ws.data.chats) ws.subscribe(topicOf(chatId))
      ws.send(JSON.stringify({ type: 'hello', user_id: ws.data.user_id }))
    },
    message(ws, text) {
      const { id, chat_id, content } = JSON.parse(text as string)
      append(chat_id, ws.data.user_id, content, message => {
        const shown = textOf(message)
        ws.send(`{"type":"ack","id":${JSON.stringify(id)},"message":${shown}}`)
        publish(chat_id, shown)
      })
    },
  },
})

function post(chatId: string, userId: string, content: string): Promise<Response> {
  return new Promise(resolve =>
    append(chatId, userId, content, message => {
      const shown = textOf(message)
      resolve(new Response(shown, { status: 201, headers }))
      publish(chatId, shown)
    }),
  )
}

function publish(chatId: string, shown: string) {
  server.publish(topicOf(chatId), `{"type":"message","message":${shown}}`)
}

const refused = () => new Response(null, { status: 401 })

console.log(`raw listens on ${server.url.origin}`)
