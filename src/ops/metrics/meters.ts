// What the doors count while they work; everything else is asked where it is when somebody reads the metrics.
import type { Events } from '../../events'
import { histogram, labelled } from '../../lib/meters'

/** More than there are routes, methods and codes: only a mistake here reaches them. */
const MOST_ROUTES = 1_000
const MOST_CODES = 200

/** Few, since each route has them all. */
const ROUTE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1, 5]

/** What no route was found for, or what was refused before one was looked for. */
const NO_ROUTE = 'none'

export type Meters = ReturnType<typeof createMeters>

const none = () => ({ count: 0 })

export function createMeters(events: Events) {
  const refusals = labelled(none, MOST_CODES)
  const answers = labelled(none, MOST_ROUTES)
  const times = labelled(() => histogram(ROUTE_SECONDS), MOST_ROUTES)
  let sent = 0

  events.subscribe(event => {
    if (event.type === 'message' && event.isNew) sent++
  })

  return {
    /** By code. */
    refusals,
    /** By method, route and class of status, between spaces. */
    answers,
    /** By method and route. */
    times,

    get sent() {
      return sent
    },

    refused: (code: string) => void refusals.of(code).count++,

    /** A request that was answered: `route` as it was declared, never the path that came. */
    answered(method: string, route: string | undefined, status: number, ms: number) {
      const asked = `${METHODS.has(method) ? method : 'OTHER'} ${route ? plain(route) : NO_ROUTE}`
      answers.of(`${asked} ${Math.floor(status / 100)}xx`).count++
      times.of(asked).observe(ms / 1000)
    },
  }
}

/** As the documentation names it. */
const plain = (route: string) => (route.length > 1 && route.endsWith('/') ? route.slice(0, -1) : route)

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
