// A push service of our own, over TLS as `push.example`, and browsers that subscribe there and decrypt what comes.
import {
  createDecipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  hkdfSync,
  randomBytes,
  verify,
  type ECDH,
} from 'node:crypto'
import { newId } from '../../src/lib/ids'
import type { Outside } from '../../src/push/reach'

/** Certificate and key of `push.example`, for these tests alone; good for a hundred years. */
const CERT = `-----BEGIN CERTIFICATE-----
MIIBnzCCAUSgAwIBAgIUWcagM4Xv3haPBXavNQ2kZjav9lswCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMcHVzaC5leGFtcGxlMCAXDTI2MTEyMTEwMzQwM1oYDzIxMjYx
MDI4MTAzNDAzWjAXMRUwEwYDVQQDDAxwdXNoLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAATc+h41ErJWSM32G/2WPBPKyVJ9g/4MMgBVpdWVDNnp4YhM
XOUNQ2nUHNkVQshtv9du1gzESe8kObwW0Nu9S7bSo2wwajAdBgNVHQ4EFgQUrADc
C3IET3eXkCMajFBA04WGZW4wHwYDVR0jBBgwFoAUrADcC3IET3eXkCMajFBA04WG
ZW4wDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxwdXNoLmV4YW1wbGUwCgYI
KoZIzj0EAwIDSQAwRgIhAIzRuilaedX3FE0V/M3rZPHfMiHeYWdb1dsK1yOSjbLF
AiEA7nRtGF3rWbfStk0A60I7IP4TyWJNJYBjYsZGATg+KFk=
-----END CERTIFICATE-----
`
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGGW98Ufwt4BcxCpJ
U4WKrCmXgxqUTQI010qLZoHjPNOhRANCAATc+h41ErJWSM32G/2WPBPKyVJ9g/4M
MgBVpdWVDNnp4YhMXOUNQ2nUHNkVQshtv9du1gzESe8kObwW0Nu9S7bS
-----END PRIVATE KEY-----
`

/** What the service was posted. */
export interface Posted {
  path: string
  headers: Headers
  body: Buffer
}

export interface PushService extends Disposable {
  outside: Outside & { retryMs: number[] }
  /** Everything posted so far. */
  posted: Posted[]
  /** What the next posts are answered with, in order; then 201. */
  answers: (Response | Promise<Response>)[]
  /** Resolves once so many were posted. */
  gets(count: number): Promise<Posted[]>
  browser(): Browser
}

export interface Browser {
  endpoint: string
  path: string
  /** As `PushSubscription.toJSON()` gives it. */
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } }
  /** What it was told, decrypted. */
  heard(): any[]
  decrypt(body: Buffer): any
}

export function pushService(): PushService {
  const posted: Posted[] = []
  const answers: PushService['answers'] = []
  const waiting = new Set<() => void>()

  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    tls: { cert: CERT, key: KEY },
    async fetch(request) {
      const body = Buffer.from(await request.arrayBuffer())
      posted.push({ path: new URL(request.url).pathname, headers: request.headers, body })
      for (const look of waiting) look()
      return answers.shift() ?? new Response(null, { status: 201 })
    },
  })

  return {
    outside: {
      addressesOf: async host => (host === 'push.example' ? ['127.0.0.1'] : []),
      isPublic: address => address === '127.0.0.1',
      ca: CERT,
      retryMs: [5, 10, 20],
    },
    posted,
    answers,
    gets(count) {
      const { promise, resolve, reject } = Promise.withResolvers<Posted[]>()
      const complain = setTimeout(
        () => reject(new Error(`waited for ${count} notifications, got ${posted.length}`)),
        10_000,
      )
      const look = () => {
        if (posted.length < count) return
        clearTimeout(complain)
        waiting.delete(look)
        resolve(posted)
      }
      waiting.add(look)
      look()
      return promise
    },
    browser: () => browserAt(`https://push.example:${server.port}`, posted),
    [Symbol.dispose]: () => void server.stop(true),
  }
}

function browserAt(origin: string, posted: Posted[]): Browser {
  const ecdh = createECDH('prime256v1')
  const p256dh = ecdh.generateKeys('base64url')
  const auth = randomBytes(16)
  const path = `/wpush/${newId()}`
  const endpoint = origin + path
  const decrypt = (body: Buffer) => JSON.parse(decrypted(body, ecdh, auth).toString())
  return {
    endpoint,
    path,
    subscription: { endpoint, keys: { p256dh, auth: auth.toString('base64url') } },
    heard: () => posted.filter(post => post.path === path).map(({ body }) => decrypt(body)),
    decrypt,
  }
}

/** RFC 8291, 3.4 and RFC 8188, 2: one record of aes128gcm. */
function decrypted(body: Buffer, ecdh: ECDH, auth: Buffer): Buffer {
  const salt = body.subarray(0, 16)
  const idLength = body.readUInt8(20)
  const sender = body.subarray(21, 21 + idLength)
  const record = body.subarray(21 + idLength)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender])
  const prk = createHmac('sha256', auth).update(ecdh.computeSecret(sender)).digest()
  const ikm = createHmac('sha256', prk)
    .update(Buffer.concat([info, Buffer.from([1])]))
    .digest()
  const derive = (what: string, length: number) =>
    Buffer.from(hkdfSync('sha256', ikm, salt, `Content-Encoding: ${what}\0`, length))
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  decipher.setAuthTag(record.subarray(-16))
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()])
  return padded.subarray(0, padded.lastIndexOf(2))
}

/** RFC 8292: the claims, where the signature is that of the key the browser subscribed with. */
export function signedBy(publicKey: string, { headers }: Posted): Record<string, unknown> {
  const [, token = '', key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(headers.get('authorization') ?? '') ?? []
  if (key !== publicKey) throw new Error('another key')
  const point = Buffer.from(publicKey, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(part => part.toString('base64url'))
  const jwk = { kty: 'EC', crv: 'P-256', x, y } as const
  const [head, claims = '', signature = ''] = token.split('.')
  const isGood = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!isGood) throw new Error('a bad signature')
  return JSON.parse(Buffer.from(claims, 'base64url').toString())
}
