// Mends a race of the driver, after which it would never find its server again.
import { MongoNetworkError } from 'mongodb'
// @ts-expect-error the driver tells no types of its inner parts
import { Connection } from 'mongodb/lib/cmap/connection.js'

interface Writing {
  once(event: 'close', listener: () => void): void
  off(event: 'close', listener: () => void): void
  error: Error | null
  writeCommand(command: unknown, options: unknown): Promise<void>
}

let isMended = false

/**
 * A command that is written to a socket which is closing, but has not told so yet, waits for a `drain` that never
 * comes (mongodb 7.8.0, `Connection.writeCommand`): for an operation that is a connection of the pool less, and the
 * monitor never looks at its server again, so that nothing gets through until the process is started anew.
 * From here on the wait ends with the connection. Asked again it does nothing.
 */
export function endWritesWithTheirConnection(): void {
  if (isMended) return
  isMended = true
  const driver = Connection.prototype as Writing
  const { writeCommand } = driver

  driver.writeCommand = async function (this: Writing, command, options) {
    const { promise: closed, reject } = Promise.withResolvers<never>()
    const end = () => reject(this.error ?? new MongoNetworkError('the connection is closed'))
    this.once('close', end)
    try {
      return await Promise.race([writeCommand.call(this, command, options), closed])
    } finally {
      this.off('close', end)
    }
  }
}
