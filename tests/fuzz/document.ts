// What the API's own document promises: its operations, and whether an answer keeps to it.
import Ajv, { type ValidateFunction } from 'ajv/dist/2020'
import { operationsOf } from '../support/routes'

/** A piece of JSON Schema as the document has it. */
export interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  additionalProperties?: Schema | boolean
  $ref?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
}

export interface Parameter {
  name: string
  in: 'path' | 'query'
  schema: Schema
}

export interface Operation {
  /** `GET /chats/{id}`. */
  name: string
  method: string
  path: string
  parameters: Parameter[]
  /** By media type. */
  bodies: Record<string, Schema>
  /** Null: nothing is promised. */
  responses: Record<string, { content?: Record<string, { schema: Schema }> }> | null
}

export type ApiDocument = Awaited<ReturnType<typeof readDocument>>

export async function readDocument(url: string) {
  const document = (await (await fetch(`${url}/docs/json`)).json()) as any
  const schemas: Record<string, Schema> = document.components.schemas
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false })
  ajv.addSchema({ $id: 'api', components: { schemas: closed(schemas) } })
  const compiled = new Map<string, ValidateFunction>()

  const operations: Operation[] = operationsOf(document).map((it: any) => ({
    name: `${it.method.toUpperCase()} ${it.path}`,
    method: it.method.toUpperCase(),
    path: it.path,
    parameters: it.parameters ?? [],
    bodies: Object.fromEntries(
      Object.entries<any>(it.requestBody?.content ?? {}).map(([type, { schema }]) => [type, schema]),
    ),
    responses: it.responses,
  }))

  function validatorOf(key: string, schema: Schema): ValidateFunction {
    const known = compiled.get(key) ?? ajv.compile(inApi(closed(schema)) as object)
    compiled.set(key, known)
    return known
  }

  const names = new Set(Object.values(schemas).flatMap(fieldsOf))

  return {
    operations,

    /** Whether a word is the name of a field: a refusal may tell where it found something. */
    hasField: (word: string): boolean => names.has(word),

    /** The schema that a reference stands for. */
    resolve: (schema: Schema): Schema =>
      schema.$ref === undefined ? schema : (schemas[schema.$ref.split('/').at(-1) as string] as Schema),

    /** What an answer has that the document does not tell, in a few words that hold no value; null: nothing. */
    mismatch({ name, responses }: Operation, status: number, type: string, body: unknown): string | null {
      if (responses === null) return null
      const told = responses[String(status)]
      if (!told) return `undocumented status ${status}`
      if (!told.content) return null
      const content = told.content[type]
      if (!content) return `undocumented type ${type} of ${status}`
      if (!type.endsWith('json')) return null
      const validate = validatorOf(`${name} ${status}`, content.schema)
      if (validate(body)) return null
      const [error] = validate.errors ?? []
      const field = error?.params.additionalProperty ?? ''
      return `shape of ${status}: ${error?.instancePath.replace(/\d+/g, 'n')} ${error?.message} ${field}`.trim()
    },
  }
}

const fieldsOf = ({ properties = {}, items }: Schema): string[] => [
  ...Object.entries(properties).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]),
  ...(items ? fieldsOf(items) : []),
]

/** A field that the document does not tell is a mismatch too. */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  const isOpen = 'properties' in inner && typeof inner.properties === 'object' && inner.type === 'object'
  return (
    isOpen && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner
  ) as T
}

const inApi = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/'))
