// Tokens that Natter and the peer accept alike (RFC 7519, HS256).
import { createHmac } from 'node:crypto'

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const HEAD = encode({ alg: 'HS256', typ: 'JWT' })
const DAY_SECONDS = 86_400

/** Of the sign-in that is called like its person. */
export function signToken(secret: string, userId: string): string {
  const exp = Math.floor(Date.now() / 1000) + DAY_SECONDS
  const claims = { typ: 'access', sub: userId, sid: userId, jti: userId, iss: 'natter', aud: 'natter', exp }
  const signed = `${HEAD}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
