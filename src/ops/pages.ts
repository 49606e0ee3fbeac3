// The first page, and the files that pages load: everything under `static/`, nothing beside it.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { staticPlugin } from '@elysiajs/static'
import { Elysia } from 'elysia'
import { pageHeaders } from './docs/page'

/** Beside the sources; for a compiled executable, whose sources are inside it, beside the executable. */
const FOLDERS = [join(import.meta.dir, '../../static'), join(dirname(process.execPath), 'static')]

/**
 * `alwaysStatic` fixes the files at the start: no path of a request ever reaches the disk, and a file that was
 * edited needs a restart, since its length and ETag are fixed too. Hidden files are left out, and HTML as well,
 * since the plugin would send it without our headers. Patterns are matched on absolute paths, so they begin
 * with the folder. The files are known a moment after the routes: the plugin reads them first.
 */
export function pageRoutes() {
  const folder = FOLDERS.find(existsSync)
  const app = new Elysia({ name: 'pages', detail: { hide: true } })
  if (folder === undefined) return app
  const inFolder = (rest: string) => new RegExp(`^${RegExp.escape(folder)}/${rest}`)
  return app
    .get('/', () => new Response(Bun.file(join(folder, 'index.html')), { headers: pageHeaders() }))
    .use(
      staticPlugin({
        assets: folder,
        prefix: '/static',
        alwaysStatic: true,
        indexHTML: false,
        ignorePatterns: [inFolder('(.*/)?\\.'), inFolder('.*\\.html$')],
        maxAge: 0,
        directive: 'no-cache',
        detail: { hide: true },
        silent: true,
      }),
    )
}
