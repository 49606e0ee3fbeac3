/// <reference path="./assets.d.ts" />
// The documentation: OpenAPI with Swagger UI and ReDoc, AsyncAPI and the page of the sockets.
import { Elysia, type AnyElysia } from 'elysia'
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }
import stylesheet from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import { version as uiVersion } from 'swagger-ui-dist/package.json'
import type { LIMITS } from '../../realtime/limits'
import type { Document } from './openapi'
import { pageHeaders, pageHtml } from './page'

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

/**
 * `api` gives the finished groups: what the document tells of. Made at the first request, then kept; what makes it is
 * loaded then, since it would slow down every start.
 */
export function docsRoutes(api: () => AnyElysia, version: string, limits: typeof LIMITS) {
  let document: Promise<Document> | undefined
  let sockets: Promise<string> | undefined
  const readDocument = async () => (await import('./reading')).readDocument(api(), version)
  const writeSockets = async () => (await import('./sockets')).socketPage(limits)
  const page =
    (html: string, ...extra: string[]) =>
    () =>
      new Response(html, { headers: pageHeaders(...extra) })

  return new Elysia({ name: 'docs', detail: { hide: true } })
    .get('/docs/json', () => (document ??= readDocument()))
    .get('/docs', page(swaggerPage))
    .get('/docs/ui/swagger-ui-bundle.js', uiFile(bundle))
    .get('/docs/ui/swagger-ui.css', uiFile(stylesheet))
    .get('/redoc', page(redocPage, ...REDOC_NEEDS))
    .get('/docs/asyncapi.json', async ({ request }) =>
      (await import('./asyncapi')).asyncDocument(version, new URL(request.url)),
    )
    .get('/docs/sockets', async () => page(await (sockets ??= writeSockets()))())
}
