// Where a request comes from.
import type { Server } from 'bun'
import { readAddress } from '../lib/network'

export interface AddressReader {
  (request: Request): string
  /** Known once the app listens. */
  server: Server<unknown> | null
}

/**
 * The address of the peer; with `trustProxy` the last one that the proxy added to `X-Forwarded-For`,
 * since all before it is what the client claims. What is no address there is passed over.
 */
export function addressReader(trustProxy: boolean): AddressReader {
  const read = (request: Request) => {
    const told = trustProxy && request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim()
    return (told && readAddress(told)) || (reader.server?.requestIP(request)?.address ?? 'unknown')
  }
  const reader: AddressReader = Object.assign(read, { server: null })
  return reader
}
