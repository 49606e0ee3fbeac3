// The routes of the app with their models, and the operations of its document.
import type { TSchema } from '@sinclair/typebox'
import { createApp } from '../../src/app'
import { createServices } from '../../src/services'
import { openSqlite } from '../../src/storage/sqlite/open'
import { depsOn } from './world'

interface Hooks {
  detail?: { hide?: boolean }
  body?: TSchema
  params?: TSchema
  query?: TSchema
  response?: Record<string, TSchema>
}

export interface Route {
  method: string
  path: string
  hooks: Hooks
}

/** All of them, also those that the document does not tell of. */
export async function everyRoute(): Promise<Route[]> {
  const stores = await openSqlite(null)
  const deps = depsOn(stores)
  const { routes } = createApp(deps, createServices(deps))
  await stores.close()
  return routes as unknown as Route[]
}

/** The routes that the document tells of. */
export async function documented(): Promise<Route[]> {
  const routes = await everyRoute()
  return routes.filter(({ method, hooks }) => method !== 'OPTIONS' && hooks.detail?.hide !== true)
}

/** `/chats/:id/` is `/chats/{id}` in the document. */
export const templateOf = (path: string) => path.replace(/:(\w+)/g, '{$1}').replace(/(.)\/$/, '$1')

export const operationsOf = (document: any): any[] =>
  Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]) => ({ method, path, ...operation })),
  )
