/// <reference path="./assets.d.ts" />
// The documentation: OpenAPI with Swagger UI and ReDoc, AsyncAPI and the page of the sockets.
import { swagger } from '@elysiajs/swagger'
import { Elysia, type AnyElysia } from 'elysia'
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }
import stylesheet from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import { version as uiVersion } from 'swagger-ui-dist/package.json'
import type { LIMITS } from '../../realtime/limits'
import { asyncDocument } from './asyncapi'
import type { Raw } from './document'
import { correctDocument, type Document } from './openapi'
import { pageHeaders, pageHtml } from './page'
import { socketPage } from './sockets'

const ASK = new Request('http://localhost/docs/json', { headers: { host: 'localhost' } })

/** Asks the swagger plugin in memory, on an instance that nobody else can reach. */
async function readDocument(api: AnyElysia, version: string): Promise<Document> {
  const hidden = new Elysia().use(swagger({ path: '/docs' })).use(api)
  const answer = await hidden.handle(ASK.clone())
  return correctDocument((await answer.json()) as Raw, api.routes, version)
}

const swaggerPage = pageHtml({
  title: 'API',
  path: '/docs',
  body: '<main id="swagger"></main>',
  styles: ['/docs/ui/swagger-ui.css', '/static/swagger.css'],
  scripts: ['/docs/ui/swagger-ui-bundle.js', '/static/swagger.js'],
})

const redocPage = pageHtml({
  title: 'Reference',
  path: '/redoc',
  body: '<main id="redoc"></main>',
  styles: ['/static/redoc.css'],
  scripts: ['/static/vendor/redoc/redoc.standalone.js', '/static/redoc.js'],
})

/** It writes its styles at run time, without which it shows an error only, and searches in a worker. */
const REDOC_NEEDS = ["style-src 'self' 'unsafe-inline'", "worker-src 'self' blob:"]

/** Asked again at each use, and answered with 304 while the version of the package stays. */
const uiFile = (path: string) => {
  const etag = `"${uiVersion}"`
  const headers = { etag, 'cache-control': 'public, no-cache' }
  return ({ request }: { request: Request }) =>
    request.headers.get('if-none-match') === etag
      ? new Response(null, { status: 304, headers })
      : new Response(Bun.file(path), { headers })
}

/** `api` gives the finished groups: what the document tells of. Made at the first request, then kept. */
export function docsRoutes(api: () => AnyElysia, version: string, limits: typeof LIMITS) {
  let document: Promise<Document> | undefined
  const page =
    (html: string, ...extra: string[]) =>
    () =>
      new Response(html, { headers: pageHeaders(...extra) })

  return new Elysia({ name: 'docs', detail: { hide: true } })
    .get('/docs/json', () => (document ??= readDocument(api(), version)))
    .get('/docs', page(swaggerPage))
    .get('/docs/ui/swagger-ui-bundle.js', uiFile(bundle))
    .get('/docs/ui/swagger-ui.css', uiFile(stylesheet))
    .get('/redoc', page(redocPage, ...REDOC_NEEDS))
    .get('/docs/asyncapi.json', ({ request }) => asyncDocument(version, new URL(request.url)))
    .get('/docs/sockets', page(socketPage(limits)))
}
