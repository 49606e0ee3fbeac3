// The keys by which push services know us: those of the settings, else made once and kept.
import type { PushStore, VapidKeys } from './store'

/** Asked for again after a failure; the same for every caller and node. */
export function keeper(store: PushStore, given: VapidKeys | null): () => Promise<VapidKeys> {
  let kept: Promise<VapidKeys> | undefined

  async function find(): Promise<VapidKeys> {
    if (given) return given
    const { default: webpush } = await import('web-push')
    const { publicKey, privateKey } = webpush.generateVAPIDKeys()
    return store.keys({ public_key: publicKey, private_key: privateKey })
  }

  return () => {
    kept ??= find().catch(error => {
      kept = undefined
      throw error
    })
    return kept
  }
}
