// What comes too often: how a limit is told in header fields, and the refusal.
import { AppError } from './errors'

/** A limit: at most `quota` at once, all of which is there again after `seconds`. */
export interface Policy {
  name: string
  quota: number
  seconds: number
}

/** `left` of the quota can be used now, more in `wait` seconds. Source: draft-ietf-httpapi-ratelimit-headers-11. */
export const rateFields = ({ name, quota, seconds }: Policy, left: number, wait: number) => ({
  'ratelimit-policy': `"${name}";q=${quota};w=${seconds}`,
  ratelimit: `"${name}";r=${left};t=${wait}`,
})

/** 429: nothing was done; it may be tried again in `wait` seconds. `headers` go with the fields of the limit. */
export const tooMany = (
  code: string,
  detail: string,
  policy: Policy,
  wait: number,
  headers?: Record<string, string>,
) =>
  new AppError(429, code, detail, {
    retryAfter: wait,
    policy: policy.name,
    headers: { ...rateFields(policy, 0, wait), ...headers },
  })
