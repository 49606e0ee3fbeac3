// A TCP connection that signs in to a socket or posts, and leaves all else to its owner.
import type { Socket } from 'bun'

export interface Wire {
  write(bytes: Uint8Array): void
  close(): void
}

/** Takes the bytes as they come; answers what is left over for the next time, or null. */
export type Reader = (bytes: Buffer) => Buffer | null

/** What goes wrong in the midst of the load ends the client: its figures would be worth nothing. */
export function fail(why: string): never {
  console.error(why)
  process.exit(1)
}

/** From one address there are some 28,000 ports (Linux, `ip_local_port_range`): each so many connections have another. */
const FROM_ONE_ADDRESS = 10_000

/** The address for the connection of this number. */
export const sourceOf = (no: number) => `127.0.0.${1 + Math.floor(no / FROM_ONE_ADDRESS)}`

/** Opens a connection, from this address; one that ends or fails before `close` ends the client. */
export async function openWire(url: string, read: Reader, from = sourceOf(0)): Promise<Wire> {
  const { hostname, port } = new URL(url)
  let rest: Buffer | null = null
  let isClosing = false
  const lost = (why: string) => {
    if (!isClosing) fail(`The connection was lost: ${why}`)
  }

  // Apart, since Bun's types do not know `localAddress`.
  const where = { hostname, port: Number(port), localAddress: from }
  const socket: Socket<undefined> = await Bun.connect({
    ...where,
    socket: {
      data(_, chunk) {
        rest = read(rest === null ? chunk : Buffer.concat([rest, chunk]))
      },
      close: () => lost('closed'),
      error: (_, error) => lost(error.message),
    },
  })
  socket.setNoDelay(true)

  return {
    write(bytes) {
      // A closed loop of small texts never fills the kernel's buffer.
      if (socket.write(bytes) !== bytes.length) throw new Error('A send did not fit into the connection.')
    },
    close() {
      isClosing = true
      socket.end()
    },
  }
}
