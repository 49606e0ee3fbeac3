// Whose address it is, as far as an address tells.
import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * What is counted as one place: an IPv4 address, also where it comes as IPv6 (RFC 4291, 2.5.5.2), or the /64 of an
 * IPv6 address, of which one household has all (RFC 6177). What is no address stays as it is.
 */
export function networkOf(address: string): string {
  // Nearly all of them, and counted more than once in a request: reading one in full takes some µs.
  if (isIPv4(address) || !ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  const [a, b, c, d] = (parsed as ipaddr.IPv6).parts
  return `${[a, b, c, d].map(part => part?.toString(16)).join(':')}::/64`
}

/** An address as proxies write it, without a port and brackets; null for anything else. */
export function readAddress(text: string): string | null {
  const [, inBrackets, beforePort] = /^\[([^\]]+)\](?::\d+)?$|^([^:]+):\d+$/.exec(text) ?? []
  const address = inBrackets ?? beforePort ?? text
  return ipaddr.isValid(address) ? address : null
}
