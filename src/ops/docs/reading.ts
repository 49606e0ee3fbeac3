// What the swagger plugin makes of the routes, corrected. Loaded by the first request for the document.
import { swagger } from '@elysiajs/swagger'
import { Elysia, type AnyElysia } from 'elysia'
import type { Raw } from './document'
import { correctDocument, type Document } from './openapi'

const ASK = new Request('http://localhost/docs/json', { headers: { host: 'localhost' } })

/** Asks the plugin in memory, on an instance that nobody else can reach. */
export async function readDocument(api: AnyElysia, version: string): Promise<Document> {
  const hidden = new Elysia().use(swagger({ path: '/docs' })).use(api)
  const answer = await hidden.handle(ASK.clone())
  return correctDocument((await answer.json()) as Raw, api.routes, version)
}
