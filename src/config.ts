// Every setting: its name, default, meaning and check. Nobody else reads the environment.
import {
  address,
  anyText,
  base,
  ConfigError,
  hosts,
  onOff,
  oneOf,
  origins,
  setting,
  whole,
  wrong,
  type Setting,
} from './lib/settings'

/** As `.env.example` shows it: everybody can read it there. */
const EXAMPLE = 'at-least-32-bytes-of-your-own-randomness'

const secret = (text: string): string | null =>
  Buffer.byteLength(text) >= 32 && text !== EXAMPLE
    ? text
    : wrong('must be at least 32 bytes long, of your own; make one with: openssl rand -base64 48')

const vapidKey =
  (bytes: number) =>
  (text: string): string | null =>
    /^[\w-]+$/.test(text) && Buffer.from(text, 'base64url').length === bytes
      ? text
      : wrong('must be a key in URL-safe Base64; make a pair with: bunx web-push generate-vapid-keys')

const none = null as string | null

export const settings = {
  PORT: setting(8000, '8000', 'Where to listen; 0 takes a free port and prints it.', whole(0, 65_535)),
  HOST: setting('127.0.0.1', '127.0.0.1', 'The address to listen on; `0.0.0.0` for all.', text => text),
  DATA_DIR: setting(
    './data',
    './data',
    'Holds the embedded database, files and the generated secrets (mode 0700).',
    text => text,
  ),
  MONGODB_URL: setting(
    none,
    'none: embedded store',
    'Use this MongoDB (7.0 or newer); the database is named by its path, else `natter`.',
    address('mongodb', 'mongodb+srv'),
    ['MONGO_URI', 'MONGO_URL'],
  ),
  REDIS_URL: setting(
    none,
    'none: one node',
    'Reserved for the bus between nodes; this version runs as one node.',
    () => wrong('is not supported by this version, which runs as one node; leave it unset'),
  ),
  SECRET_KEY: setting(
    none,
    'generated into DATA_DIR; required with MONGODB_URL',
    'Signs tokens; at least 32 bytes. Another key signs everybody out.',
    secret,
  ),
  ACCESS_TOKEN_MINUTES: setting(60, '60', 'Life of an access token.', whole(1, 1440)),
  REFRESH_TOKEN_DAYS: setting(30, '30', 'Life of a refresh token, renewed at each use.', whole(1, 365)),
  CORS_ORIGINS: setting(
    '*' as '*' | string[],
    '*',
    'Comma-separated origins whose pages may call; a list is also checked when a socket opens.',
    origins,
  ),
  ALLOWED_HOSTS: setting(
    '*' as '*' | string[],
    '*',
    'Comma-separated names, without ports, under which it may be asked; others get 421.',
    hosts,
  ),
  PUBLIC_URL: setting(
    none,
    "the request's own address",
    'What links begin with, such as `https://chat.example.com`; set it behind a proxy with TLS.',
    base,
  ),
  ADMIN_USER: setting(
    none,
    'none',
    'With `ADMIN_PASS`: an administrator made, or brought up to date, at the start.',
    anyText,
  ),
  ADMIN_PASS: setting(none, 'none', "The administrator's password; at least 8 characters.", anyText),
  ADMIN_EMAIL: setting(none, 'none', "The administrator's email.", anyText),
  ADMIN_GENDER: setting(none, 'none', 'Kept with the administrator, shown to nobody else.', anyText),
  ADMIN_TIMEZONE: setting(none, 'none', 'Kept with the administrator, shown to nobody else.', anyText),
  VAPID_PUBLIC_KEY: setting(
    none,
    'made once and kept',
    'With `VAPID_PRIVATE_KEY`: the keys by which push services know this installation.',
    vapidKey(65),
  ),
  VAPID_PRIVATE_KEY: setting(
    none,
    'made once and kept',
    'In DATA_DIR, or with MongoDB in the database. Other keys end all subscriptions.',
    vapidKey(32),
  ),
  VAPID_SUBJECT: setting(
    'mailto:postmaster@natter.invalid',
    'mailto:postmaster@natter.invalid',
    'Whom a push service may write to, a `mailto:` or https address; some ask for a real one.',
    text =>
      /^(mailto:\S+@\S+|https:\/\/\S+)$/.test(text)
        ? text
        : wrong('must be an address such as mailto:admin@example.com'),
  ),
  MAX_UPLOAD_MB: setting(25, '25', 'Size of one file.', whole(1, 10_000)),
  USER_QUOTA_MB: setting(1024, '1024', 'Size of all files of one person together.', whole(1, 100_000_000)),
  RATE_LIMITS: setting(
    true,
    'on',
    '`off` lifts limits of how often, not of how much: for trusted networks and benchmarks.',
    onOff,
  ),
  MAX_SOCKETS: setting(
    100_000,
    '100000',
    'Sockets of everybody together; lowered to what the limit of open files leaves room for.',
    whole(1, 10_000_000),
  ),
  TRUST_PROXY: setting(
    false,
    'off',
    '`on` believes `X-Forwarded-For` of the peer; only behind a proxy of yours.',
    onOff,
  ),
  METRICS_TOKEN: setting(
    none,
    'none: administrators only',
    'What a collector sends as a bearer token to read `/metrics`; at least 16 characters.',
    text =>
      /^[\w.~+/=-]{16,}$/.test(text)
        ? text
        : wrong('must be at least 16 letters or digits; make one with: openssl rand -hex 24'),
  ),
  LOG_LEVEL: setting(
    'info' as 'debug' | 'info' | 'warn' | 'error' | 'silent',
    'info',
    'One JSON line per event: debug, info, warn, error or silent.',
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
  ),
}

export type Config = { [Name in keyof typeof settings]: (typeof settings)[Name]['unset'] }

type Environment = Record<string, string | undefined>

/** Reads all settings, or throws a `ConfigError` that names the setting and the fix. Never shows a value. */
export function readConfig(env: Environment = process.env): Config {
  mustKnow(env)
  const read = Object.entries(settings).map(([name, setting]) => [name, valueOf(name, setting, env)])
  const config = Object.fromEntries(read) as Config
  mustFit(config)
  return config
}

function valueOf(name: string, setting: Setting<unknown>, env: Environment): unknown {
  const used = [name, ...(setting.aliases ?? [])].find(alias => env[alias])
  if (used === undefined) return setting.unset
  try {
    return setting.read(env[used] as string)
  } catch (error) {
    throw new ConfigError(`${used} ${(error as Error).message}.`)
  }
}

/** Natter's settings have no prefix; a prefixed one is a mistake that would go unnoticed. */
function mustKnow(env: Environment) {
  const prefixed = Object.keys(env).find(name => name.startsWith('NATTER_'))
  if (prefixed) throw new ConfigError(`${prefixed} is not a setting; see the list in README.md or --help.`)
}

function mustFit(config: Config) {
  if (config.MONGODB_URL && !config.SECRET_KEY) {
    throw new ConfigError('SECRET_KEY is required with MONGODB_URL; make one with: openssl rand -base64 48.')
  }
  if (!config.VAPID_PUBLIC_KEY !== !config.VAPID_PRIVATE_KEY)
    throw new ConfigError('VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY are set together, or neither.')
  if (config.VAPID_PRIVATE_KEY && publicKeyOf(config.VAPID_PRIVATE_KEY) !== config.VAPID_PUBLIC_KEY)
    throw new ConfigError('VAPID_PUBLIC_KEY is not the one of VAPID_PRIVATE_KEY; set both to one pair.')
  if (config.ADMIN_USER && !config.ADMIN_PASS)
    throw new ConfigError('ADMIN_PASS is required with ADMIN_USER.')
  if (!config.ADMIN_USER && config.ADMIN_PASS)
    throw new ConfigError('ADMIN_USER is required with ADMIN_PASS.')
  if (config.ADMIN_PASS && config.ADMIN_PASS.length < 8)
    throw new ConfigError('ADMIN_PASS must have at least 8 characters.')
}

/** Null where there is none: not every number is a private key. */
function publicKeyOf(privateKey: string): string | null {
  try {
    const ecdh = process.getBuiltinModule('node:crypto').createECDH('prime256v1')
    ecdh.setPrivateKey(privateKey, 'base64url')
    return ecdh.getPublicKey('base64url')
  } catch {
    return null
  }
}

/** The README's table of settings. */
export function settingsTable(): string {
  const rows = Object.entries(settings).map(([name, { aliases, shown, meaning }]) => {
    const names = [name, ...(aliases ?? [])].map(text => `\`${text}\``).join(', ')
    return `| ${names} | ${shown} | ${meaning} |`
  })
  return ['| Setting | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n')
}
