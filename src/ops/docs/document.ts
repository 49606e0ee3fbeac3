// The parts of an OpenAPI document, as the swagger plugin gives them and as we give them on.
import type { BodyKind } from '../../lib/body'
import type { Schema } from './schemas'

export interface Raw {
  paths: Record<string, Record<string, RawOperation>>
}

/** A route as the app knows it: it tells what the plugin leaves out. */
export interface Route {
  method: string
  path: string
  hooks: object
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  examples?: unknown[]
  schema: Schema
}

export type Content = Record<string, { schema: Schema }>

export interface Response {
  description?: string
  title?: string
  content?: Content
  headers?: Schema
}

export interface Hooks {
  body?: object
  response?: Record<string, object>
  /** A body is named here where the route reads it itself. */
  detail?: { operationId?: string; requestBody?: { content: object }; 'x-body'?: BodyKind }
}

export interface RawOperation {
  operationId?: string
  tags?: string[]
  summary?: string
  description?: string
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Content }
  responses?: Record<string, Response>
}

export type Operation = RawOperation & { operationId: string; responses: Record<string, Response> }
