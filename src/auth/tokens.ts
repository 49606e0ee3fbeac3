// Signing and checking tokens: HS256, with issuer, audience, kind and end pinned.
import { jwt } from '@elysiajs/jwt'
import { newId } from '../lib/ids'

/** `files`: a ticket that fetches files, and does nothing else. */
export type TokenKind = 'access' | 'refresh' | 'files'

/** What a token says: whose it is, of which sign-in, which one it is (`jti`), and when it ends (seconds). */
export interface Claims {
  typ: TokenKind
  sub: string
  sid: string
  jti: string
  exp: number
}

export type Tokens = ReturnType<typeof createTokens>

const ISSUER = 'natter'
const AUDIENCE = 'natter'

/** RFC 7519 tokens through @elysiajs/jwt, which by itself would accept any HS algorithm and no end. */
export function createTokens(secret: string) {
  const plugin = jwt({ name: 'jwt', secret, alg: 'HS256', iss: ISSUER, aud: AUDIENCE })
  const { sign, verify } = plugin.decorator.jwt

  return {
    /** A signed token that ends `seconds` from now. */
    async issue(
      typ: TokenKind,
      sub: string,
      sid: string,
      seconds: number,
    ): Promise<{ token: string; claims: Claims }> {
      const claims: Claims = { typ, sub, sid, jti: newId(), exp: Math.floor(Date.now() / 1000) + seconds }
      return { token: await sign({ ...claims }), claims }
    },

    /** The claims of a token of this kind that we signed and that has not ended, else null. */
    async check(token: string, typ: TokenKind): Promise<Claims | null> {
      if (token.length > 4096) return null
      const claims = await verify(token, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'sub', 'sid', 'jti', 'typ'],
      })
      if (claims === false || claims.typ !== typ) return null
      if (![claims.sub, claims.sid, claims.jti].every(claim => typeof claim === 'string')) return null
      return claims as unknown as Claims
    },
  }
}
