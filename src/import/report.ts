// What was carried over and what was not, and why; and how far it is.

export type Report = ReturnType<typeof createReport>

export function createReport() {
  const counts = { people: 0, chats: 0, messages: 0, repeated: 0 }
  const missing = new Map<string, { count: number; first: string }>()

  return {
    counts,

    /** Something of the old database that has no place here. `key` is where to look for the first such case. */
    leaveOut(why: string, key: string) {
      const known = missing.get(why)
      if (known) known.count++
      else missing.set(why, { count: 1, first: key })
    },

    toString(): string {
      const { people, chats, messages, repeated } = counts
      const lines = [
        `Carried over: ${people} people, ${chats} chats, ${messages} messages` +
          (repeated > 0 ? ` (${repeated} more were here already).` : '.'),
        ...(missing.size > 0 ? ['Not carried over:'] : ['Nothing was left out.']),
        ...[...missing].map(([why, { count, first }]) => `  ${count} × ${why} (the first: ${first})`),
      ]
      return lines.join('\n')
    },
  }
}

const WIDTH = 30

/** A bar on a terminal, else one line for every tenth. */
export function createProgress(total: number, out: NodeJS.WriteStream = process.stderr) {
  const begun = performance.now()
  let tenth = -1

  const line = (done: number) => {
    const part = total === 0 ? 1 : Math.min(1, done / total)
    const bar = '█'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '░')
    const rate = Math.round(done / ((performance.now() - begun) / 1000))
    return `${bar} ${Math.floor(part * 100)} % · ${done} of about ${total} messages · ${rate}/s`
  }

  return {
    show(done: number) {
      if (out.isTTY) return void out.write(`\r${line(done)}`)
      const now = Math.floor((total === 0 ? 1 : done / total) * 10)
      if (now > tenth) out.write(`${line(done)}\n`)
      tenth = Math.max(tenth, now)
    },
    end(done: number) {
      if (out.isTTY) out.write(`\r${line(done)}\n`)
    },
  }
}
