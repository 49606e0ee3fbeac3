// The pages and the document of the sockets: complete, and from this server alone.
import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { expect, test } from 'bun:test'
import { CLOSE, LIMITS } from '../../src/realtime/limits'
import { clientFrames, serverFrames } from '../../src/realtime/protocol'
import { call } from '../support/raw'
import { world } from '../support/world'

test('AsyncAPI tells of every frame, and each example is a frame', async () => {
  await using w = await world()
  const { body: document } = await call(w.url, 'GET', '/docs/asyncapi.json')
  expect(document.asyncapi).toBe('3.0.0')
  expect(document.servers.natter.host).toBe(new URL(w.url).host)
  const sides = {
    client: { frames: clientFrames, action: 'receive' },
    server: { frames: serverFrames, action: 'send' },
  }
  for (const [side, { frames, action }] of Object.entries(sides)) {
    for (const [type, model] of Object.entries<TSchema>(frames)) {
      const key = `${side}.${type}`
      const message = document.components.messages[key]
      expect(message.payload.properties.type.const).toBe(type)
      expect([...Value.Errors(model, message.examples[0].payload)], key).toEqual([])
      expect(document.channels.socket.messages[key]).toEqual({ $ref: `#/components/messages/${key}` })
      expect(document.operations[key].action).toBe(action)
    }
  }
  for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
    expect(Object.keys(document.components.schemas)).toContain(name as string)
})

test('the page of the sockets tells of every frame, limit and close code', async () => {
  await using w = await world()
  const { body: page } = await call(w.url, 'GET', '/docs/sockets')
  for (const type of Object.keys(clientFrames)) expect(page).toContain(`id="say-${type}"`)
  for (const type of Object.keys(serverFrames)) expect(page).toContain(`id="hear-${type}"`)
  for (const name of Object.keys(LIMITS)) expect(page).toContain(`<code>${name}</code>`)
  for (const code of Object.values(CLOSE)) expect(page).toContain(`<code>${code}</code>`)
  for (const [, id] of page.matchAll(/href="#([\w-]+)"/g)) expect(page).toContain(`id="${id}"`)
})

test('pages load from this server alone, and hold no script of their own', async () => {
  await using w = await world()
  await filesAreServed(w.url)
  for (const path of ['/', '/docs', '/redoc', '/docs/sockets']) {
    const { status, headers, body } = await call(w.url, 'GET', path)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toStartWith('text/html')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('content-security-policy')).not.toContain("script-src 'unsafe")
    expect(body).not.toMatch(/(src|href|action)\s*=\s*["']?(https?:)?\/\//i)
    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+\s*=|style\s*=/i)
    for (const [, asset] of body.matchAll(/(?:src|href)="(\/(?:static|docs\/ui)[^"]+)"/g))
      expect((await call(w.url, 'GET', asset as string)).status, asset).toBe(200)
  }
})

test('what lies beside the static files is not served, nor what is hidden among them', async () => {
  await using w = await world()
  const outside = [
    '/static/../package.json',
    '/static/%2e%2e/package.json',
    '/static/..%2fpackage.json',
    '/static/%252e%252e/package.json',
    '/static//etc/hostname',
    '/static/.env',
    '/static/vendor/../../package.json',
    '/static/index.html',
    '/docs/ui/../../package.json',
    '/docs/ui/package.json',
  ]
  await filesAreServed(w.url)
  for (const path of outside) expect(await statusOfRaw(w.url, path), path).toBe(404)
  expect(await statusOfRaw(w.url, '/static/app.css')).toBe(200)
})

/** The files are read while the app already listens. */
async function filesAreServed(url: string) {
  while ((await call(url, 'GET', '/static/app.css')).status !== 200) await Bun.sleep(5)
}

/** As sent: `fetch` would take the dots out of the path. */
function statusOfRaw(url: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const request = `GET ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: close\r\n\r\n`
  void Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: socket => void socket.write(request),
      data: (socket, bytes) => {
        resolve(Number(bytes.toString().slice(9, 12)))
        socket.end()
      },
      error: (_, error) => reject(error),
    },
  })
  return promise
}
