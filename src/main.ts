// The process: settings, store, listening, and a clean end.
import { createApp } from './app'
import { readConfig, type Config } from './config'
import { answerFlag, explainAndExit } from './ops/cli'
import { keepHouse } from './ops/housekeeping'
import { createLog } from './ops/log'
import { watchLoop } from './ops/metrics/loop'
import { socketsThatFit } from './ops/openfiles'
import { endCleanly, surviveErrors } from './ops/process'
import { createServices, type Services } from './services'
import { openStorage } from './storage'
import { secretFor } from './storage/secret'
import { version } from '../package.json'

async function start(config: Config) {
  const log = createLog(config.LOG_LEVEL)
  surviveErrors(log)
  const stores = await openStorage(config.DATA_DIR, config.MONGODB_URL)
  const secret = config.SECRET_KEY ?? (await secretFor(config.DATA_DIR))
  const MAX_SOCKETS = socketsThatFit(config.MAX_SOCKETS, log)
  const deps = { stores, secret, log, version, settings: { ...config, MAX_SOCKETS } }
  const services = createServices(deps)
  await makeAdministrator(config, services)
  const stopRounds = keepHouse(services, stores.auth, log)
  const draining = endCleanly(
    log,
    () => app,
    services,
    () => noteAll(services),
    stores,
    stopRounds,
  )
  const app = createApp(deps, services, () => draining.begun, watchLoop())
  await app.modules
  app.listen({ port: config.PORT, hostname: config.HOST })
  const host = config.HOST === '0.0.0.0' ? 'localhost' : config.HOST
  const url = `http://${host}:${app.server?.port}`
  const store = stores.engine === 'mongodb' ? 'MongoDB' : `embedded store in ${config.DATA_DIR}`
  console.log(`Natter ${version} listens on ${url} · docs at ${url}/docs · ${store}`)
}

/** What is stored only now and then. */
async function noteAll({ presence, usage }: Services) {
  await presence.stop()
  await usage.keepAll()
}

async function makeAdministrator(config: Config, { ensureAdministrator }: Services) {
  const { ADMIN_USER: username, ADMIN_PASS: password, ADMIN_EMAIL: email } = config
  const { ADMIN_GENDER: gender, ADMIN_TIMEZONE: timezone } = config
  if (username && password) await ensureAdministrator({ username, password, email, gender, timezone })
}

const [, , first, ...others] = process.argv
if (first === 'backup' || first === 'restore')
  await (await import('./backup')).runCommand(first, others, version)
else if (!answerFlag(first, version)) await Promise.try(() => start(readConfig())).catch(explainAndExit)
