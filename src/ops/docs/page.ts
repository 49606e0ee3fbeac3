// The frame of every documentation page: header with links, the shared stylesheet, and what the page may load.

interface Page {
  title: string
  path: string
  /** HTML. */
  body: string
  styles?: string[]
  scripts?: string[]
}

const LINKS = [
  { path: '/', text: 'Try it' },
  { path: '/docs', text: 'Swagger' },
  { path: '/redoc', text: 'Reference' },
  { path: '/docs/sockets', text: 'Sockets' },
]

/** Everything comes from this server; no script stands in a page. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
]

/** Headers of an HTML page; `extra` holds what one page needs beside the common policy. */
export const pageHeaders = (...extra: string[]) => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [...POLICY, ...extra].join('; '),
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
})

export function pageHtml({ title, path, body, styles = [], scripts = [] }: Page): string {
  const links = LINKS.map(link => {
    const here = link.path === path ? ' aria-current="page"' : ''
    return `<a href="${link.path}"${here}>${link.text}</a>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Natter</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/app.css">
${styles.map(href => `<link rel="stylesheet" href="${href}">`).join('\n')}
</head>
<body>
<header class="top"><a class="name" href="/">Natter</a><nav aria-label="Pages">${links.join('')}</nav></header>
${body}
${scripts.map(src => `<script src="${src}"></script>`).join('\n')}
</body>
</html>
`
}

export const escapeHtml = (text: string) => Bun.escapeHTML(text)

/** Text with `code` and [links](/of/this/server) in it, as descriptions are written. */
export const richText = (text: string) =>
  escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\((\/[^)\s]*)\)/g, '<a href="$2">$1</a>')
