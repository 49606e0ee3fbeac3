// The peer: a chat backend as it is usually built on Node. `node server.js <directory> <secret> <port>`
import { createServer } from 'node:http'
import { join } from 'node:path'
import { verify as fits } from '@node-rs/argon2'
import express from 'express'
import jwt from 'jsonwebtoken'
import { Server } from 'socket.io'
import { openStore } from './store.js'

const [dir = '.', secret = '', port = '0'] = process.argv.slice(2)
const store = openStore(join(dir, 'peer.db'))
const INDEX_EVERY_MS = 50

const userOf = token => jwt.verify(token, secret, { algorithms: ['HS256'] }).sub

const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.use(express.json())

app.get('/health', (_, response) => response.json({ status: 'ok' }))

app.post('/auth/login', async (request, response) => {
  const { username, password } = request.body
  const user = store.person(username)
  if (!user?.password_hash || !(await fits(user.password_hash, password))) return response.sendStatus(401)
  response.json({ access_token: jwt.sign({}, secret, { subject: user.id, expiresIn: '1h' }) })
})

app.use((request, response, next) => {
  try {
    request.userId = userOf((request.get('authorization') ?? '').slice('Bearer '.length))
  } catch {
    return response.sendStatus(401)
  }
  next()
})

app.post('/chats/:id/messages', (request, response) => {
  const { content, client_id } = request.body
  if (!isText(content, 8000) || !isText(client_id, 64)) return response.sendStatus(422)
  const sent = store.send(request.params.id, request.userId, content, client_id)
  if (!sent) return response.sendStatus(404)
  response.status(sent.isNew ? 201 : 200).json(sent.message)
  if (sent.isNew) io.to(sent.message.chat_id).emit('message', sent.message)
})

app.get('/chats/:id/messages', (request, response) => {
  if (!store.isMember(request.params.id, request.userId)) return response.sendStatus(404)
  const { before = Number.MAX_SAFE_INTEGER } = request.query
  response.json({ items: store.page(request.params.id, Number(before), limitOf(request)) })
})

app.get('/chats', (request, response) => {
  response.json({ items: store.list(request.userId, limitOf(request)) })
})

app.get('/messages/search', (request, response) => {
  const words = String(request.query.q).match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length === 0) return response.json({ items: [] })
  const query = words.map(word => `"${word}"*`).join(' ')
  response.json({ items: store.search(request.userId, query, limitOf(request)) })
})

const limitOf = ({ query }) => Math.min(Number(query.limit) || 50, 100)
const isText = (text, most) => typeof text === 'string' && text.length > 0 && text.length <= most

const server = createServer(app)
const io = new Server(server, { serveClient: false })

io.use((socket, next) => {
  try {
    socket.data.userId = userOf(socket.handshake.auth.token)
  } catch {
    return next(new Error('unauthorized'))
  }
  next()
})

io.on('connection', socket => {
  const { userId } = socket.data
  socket.join(store.chatsOf(userId))
  socket.on('send', ({ chat_id, content, client_id }, acknowledge) => {
    if (!isText(content, 8000) || !isText(client_id, 64)) return acknowledge({ error: 422 })
    const sent = store.send(chat_id, userId, content, client_id)
    if (!sent) return acknowledge({ error: 404 })
    acknowledge({ message: sent.message })
    if (sent.isNew) io.to(chat_id).emit('message', sent.message)
  })
})

setInterval(store.index, INDEX_EVERY_MS).unref()
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`peer listens on http://127.0.0.1:${server.address().port}`)
})
