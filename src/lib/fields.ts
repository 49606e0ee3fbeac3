// What a TypeBox report says to a client: where and what, never the value.
import { ValueErrorType } from '@sinclair/typebox/errors'
import type { FieldError } from './errors'

interface SchemaError {
  path: string
  type: ValueErrorType
  value: unknown
  schema: object
  /** For a union: what is wrong with each of its forms. */
  errors?: { First(): SchemaError | undefined }[]
}

const CODES: Partial<Record<ValueErrorType, string>> = {
  [ValueErrorType.ObjectAdditionalProperties]: 'unknown_field',
  [ValueErrorType.StringMinLength]: 'too_short',
  [ValueErrorType.StringMaxLength]: 'too_long',
  [ValueErrorType.StringPattern]: 'bad_format',
  [ValueErrorType.StringFormat]: 'bad_format',
  [ValueErrorType.ArrayMinItems]: 'too_few',
  [ValueErrorType.ArrayMaxItems]: 'too_many',
  [ValueErrorType.IntegerMinimum]: 'too_small',
  [ValueErrorType.IntegerMaximum]: 'too_large',
  [ValueErrorType.NumberMinimum]: 'too_small',
  [ValueErrorType.NumberMaximum]: 'too_large',
  [ValueErrorType.Literal]: 'bad_value',
  [ValueErrorType.Union]: 'bad_value',
}

/** At most 20 field errors; `on` names the part: body, query, params or frame. The first per path is the one that counts. */
export function fieldErrorsOf(on: string, report: Iterable<SchemaError>): FieldError[] {
  const found = new Map<string, string>()
  for (const error of report) {
    const inner = innermost(error)
    if (!found.has(inner.path)) found.set(inner.path, codeOf(inner))
    if (found.size === 20) break
  }
  return [...found].map(([path, code]) => ({ path: on + path, code }))
}

function codeOf({ type, value, schema }: SchemaError): string {
  if (value === undefined) return 'required'
  if (type === ValueErrorType.StringPattern && isNumber(value) && takesOne(schema)) {
    return Number(value) > 1 ? 'too_large' : 'too_small'
  }
  return CODES[type] ?? 'bad_type'
}

const takesOne = (schema: { pattern?: string }) => new RegExp(schema.pattern ?? '').test('1')

/** In a query string a number is a word, and its bounds are a pattern, which takes 1 at least. */
const isNumber = (value: unknown) => typeof value === 'string' && /^(0|[1-9]\d{0,29})$/.test(value)

/** A nullable field is a union whose first form tells what is wrong. */
function innermost(error: SchemaError): SchemaError {
  const first = error.type === ValueErrorType.Union ? error.errors?.[0]?.First() : undefined
  return first ? innermost(first) : error
}
