// The secret of an embedded installation: made once, kept beside the database.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from '../lib/random'

/** The secret in `dataDir/secret.key` (mode 0600), made at the first start. */
export async function secretFor(dataDir: string): Promise<string> {
  const path = join(dataDir, 'secret.key')
  const found = await readFile(path, 'utf8').catch(() => null)
  if (found && found.trim().length >= 32) return found.trim()
  const secret = randomBytes(48).toString('base64url')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(path, `${secret}\n`, { mode: 0o600 })
  await chmod(path, 0o600)
  return secret
}
