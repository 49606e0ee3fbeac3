// Starts Swagger UI on the page of the API, dark where the reader likes it dark.
const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()

const ui = SwaggerUIBundle({
  url: '/docs/json',
  dom_id: '#swagger',
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  filter: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  onComplete: () => setTimeout(followLink, 500),
})

/** The list has only what is in view: where it was scrolled before the page had its height, what a link names is not. */
function followLink() {
  const isNamed = location.hash.split('/').length > 2
  if (isNamed && !document.querySelector('.opblock.is-open'))
    ui.layoutActions.parseDeepLinkHash(location.hash)
}

// Each form of the dialog takes the focus, and with it the view; the first is the one that most come for.
document.addEventListener('click', ({ target }) => {
  if (!target.closest('.btn.authorize')) return
  requestAnimationFrame(() => {
    document.querySelector('#oauth_username')?.focus({ preventScroll: true })
    document.querySelector('.modal-ux-content')?.scrollTo(0, 0)
  })
})
