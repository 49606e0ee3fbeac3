// The token of the ceiling: who, and which chats to listen to, signed by HMAC.
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface Pass {
  user_id: string
  chats: string[]
}

const macOf = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest()

export function signPass(secret: string, pass: Pass): string {
  const body = Buffer.from(JSON.stringify(pass)).toString('base64url')
  return `${body}.${macOf(secret, body).toString('base64url')}`
}

/** The pass of an `Authorization: Bearer` header; null where it is not ours. */
export function readPass(secret: string, header: string | null): Pass | null {
  const [body = '', mac = ''] = (header ?? '').slice('Bearer '.length).split('.')
  const [expected, given] = [macOf(secret, body), Buffer.from(mac, 'base64url')]
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  return JSON.parse(Buffer.from(body, 'base64url').toString())
}
