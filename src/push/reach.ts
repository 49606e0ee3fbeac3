// Which addresses a notification may go to: those that everybody can reach, and none of our own network.
import ipaddr from 'ipaddr.js'
import { invalid } from '../lib/errors'

/** How the world outside is reached; other in tests, whose push service is their own. */
export interface Outside {
  /** All addresses of a host. */
  addressesOf(host: string): Promise<string[]>
  isPublic(address: string): boolean
  /** Certificates that are trusted beside the usual ones. */
  ca?: string
}

/**
 * A name, and addresses with a purpose (private, loopback, link-local, mapped and the like), are told apart by the
 * IANA registries: only what is plain unicast is reached.
 */
export const theInternet: Outside = {
  async addressesOf(host) {
    const { lookup } = await import('node:dns/promises')
    return (await lookup(host, { all: true })).map(({ address }) => address)
  },
  isPublic: address => ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast',
}

const PATIENCE_MS = 5_000

/** The host as an address bar shows it, without the brackets of IPv6. */
const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '')

/**
 * Where to connect: an address that was looked at, so that a name which answers differently the next time gains
 * nothing. One of IPv4 where there is one, since not every network has the other. Null: a name that is unknown, or has any address that is not public.
 */
export async function placeOf(endpoint: URL, { addressesOf, isPublic }: Outside): Promise<string | null> {
  if (endpoint.protocol !== 'https:' || endpoint.username !== '' || endpoint.password !== '') return null
  const host = hostOf(endpoint)
  const found = ipaddr.isValid(host) ? [host] : await inTime(addressesOf(host))
  if (!found.every(isPublic)) return null
  return found.find(address => ipaddr.IPv4.isValid(address)) ?? found[0] ?? null
}

async function inTime(addresses: Promise<string[]>): Promise<string[]> {
  const late = Promise.withResolvers<string[]>()
  const timer = setTimeout(() => late.resolve([]), PATIENCE_MS)
  return Promise.race([addresses.catch(() => []), late.promise]).finally(() => clearTimeout(timer))
}

/** 422 for an address that is not everybody's to reach; which of the reasons it is, is not told. */
export async function mustBeReachable(endpoint: string, outside: Outside) {
  const url = URL.parse(endpoint)
  if (!url || (await placeOf(url, outside)) === null) {
    throw invalid('body/endpoint', 'bad_endpoint', 'This is not the address of a push service.')
  }
}
