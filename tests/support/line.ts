// A real socket in a test: says frames, and waits for what it hears.

export interface Frame {
  type: string
  [field: string]: any
}

export interface Line {
  socket: WebSocket
  /** Everything heard so far, `hello` first. */
  heard: Frame[]
  /** Everything heard of one type. */
  of(type: string): Frame[]
  /** The first frame of this type (or one of these), heard or to come, that fits; an error after 10 s. */
  hears(type: string | string[], fits?: (frame: Frame) => boolean): Promise<Frame>
  /** Sends a frame with a new `id` and answers its `ack`, `error` or `pong`. */
  ask(frame: Frame): Promise<Frame>
  say(frame: Frame | string): void
  /** Hears nothing from now on: as if the rest were lost on the way. */
  deafen(): void
  /** Resolves with the close code. */
  closed: Promise<number>
  close(): void
}

const PATIENCE_MS = 10_000

/** Opens a socket with a bearer token and waits for `hello`. */
export async function connect(url: string, token: string, path = '/ws'): Promise<Line> {
  const line = lineOf(
    new WebSocket(url.replace('http', 'ws') + path, {
      headers: { authorization: `Bearer ${token}` },
    } as never),
  )
  await line.hears('hello')
  return line
}

/** `listen` hears every frame at once, in order. */
export function lineOf(socket: WebSocket, listen?: (frame: Frame) => void): Line {
  const heard: Frame[] = []
  const waiting = new Set<(frame: Frame) => void>()
  const { promise: closed, resolve: nowClosed } = Promise.withResolvers<number>()
  let asked = 0

  socket.onmessage = event => {
    const frame = JSON.parse(event.data as string) as Frame
    heard.push(frame)
    listen?.(frame)
    for (const look of waiting) look(frame)
  }
  socket.onclose = event => nowClosed(event.code)

  function hears(type: string | string[], fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const types = [type].flat()
    const isIt = (frame: Frame) => types.includes(frame.type) && fits(frame)
    const already = heard.find(isIt)
    if (already) return Promise.resolve(already)
    return new Promise((resolve, reject) => {
      const stop = () => {
        waiting.delete(look)
        clearTimeout(timer)
      }
      const look = (frame: Frame) => {
        if (!isIt(frame)) return
        stop()
        resolve(frame)
      }
      const complain = () => {
        const last = heard.slice(-20).map(frame => frame.type)
        stop()
        reject(new Error(`waited for ${types.join(' or ')}, heard last: ${last.join(', ')}`))
      }
      const timer = setTimeout(complain, PATIENCE_MS)
      waiting.add(look)
    })
  }

  const say = (frame: Frame | string) =>
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))

  return {
    socket,
    heard,
    hears,
    say,
    closed,
    deafen() {
      socket.onmessage = null
    },
    of: type => heard.filter(frame => frame.type === type),
    ask(frame) {
      const id = `q${++asked}`
      say({ ...frame, id })
      return hears(['ack', 'error', 'pong'], answer => answer.id === id)
    },
    close: () => socket.close(),
  }
}
