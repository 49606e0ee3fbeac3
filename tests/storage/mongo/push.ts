// Nodes that start at once share one pair of keys.
import { describe, expect } from 'bun:test'
import { withWorlds } from './world'

export function mongoPush(freshUrl: () => string) {
  const it = withWorlds(freshUrl)

  describe('the keys of notifications', () => {
    it('are those of one node, for all', async ({ node, raw }) => {
      const nodes = await Promise.all([node(), node(), node()])
      const made = (i: number) => ({ public_key: `p${i}`, private_key: `s${i}` })
      const answers = await Promise.all(nodes.map(({ push }, i) => push.keys(made(i))))
      for (const answer of answers) expect(answer).toEqual(answers[0]!)
      expect(await (await node()).push.keys(made(9))).toEqual(answers[0]!)
      expect(await raw.keys.countDocuments()).toBe(1)
    })
  })
}
