// From the document that the swagger plugin makes to one that is valid OpenAPI 3.1, and complete.
import { Refusal } from '../../compat/dialect'
import { WHATSAPP } from '../../compat/whatsapp'
import { Problem } from '../../lib/problem'
import { about, securitySchemes } from './about'
import type { Operation, Raw, RawOperation, Route } from './document'
import { withExamples } from './examples'
import { correctOperation } from './operations'
import { mapValues, sorted, tidy, type Named } from './schemas'

export type Document = ReturnType<typeof about> & {
  paths: Record<string, Record<string, Operation>>
  components: object
}

/** `routes` are those that the raw document was made from. */
export function correctDocument(raw: Raw, routes: Route[], version: string): Document {
  const schemas: Named = {}
  tidy(Problem, schemas)
  tidy(Refusal, schemas)
  const hooksOf = (method: string, path: string) =>
    routes.find(route => route.method.toLowerCase() === method && templateOf(route.path) === path)?.hooks ??
    {}
  const paths = Object.entries(raw.paths).map(([rawPath, methods]) => {
    const path = withoutSlash(rawPath)
    const correct = (operation: RawOperation, method: string) => {
      const corrected = correctOperation(operation, { method, path, hooks: hooksOf(method, path) }, schemas)
      const isWhatsapp = whatsapp.has(`${method} ${path}`)
      return isWhatsapp ? { ...corrected, tags: [...(corrected.tags ?? []), 'whatsapp'] } : corrected
    }
    return [path, mapValues(methods, correct)] as const
  })
  return {
    ...about(version),
    paths: Object.fromEntries(paths),
    components: { schemas: sorted(withExamples(schemas)), securitySchemes },
  }
}

/** `/chats/:id/` is `/chats/{id}` in the document. */
export function templateOf(path: string): string {
  return withoutSlash(path.replace(/:(\w+)\??/g, '{$1}'))
}

const whatsapp = new Set(
  WHATSAPP.map(route => route.split(' ')).map(
    ([method = '', path = '']) => `${method.toLowerCase()} ${templateOf(path)}`,
  ),
)

function withoutSlash(path: string): string {
  return path === '/' ? path : path.replace(/\/$/, '')
}
