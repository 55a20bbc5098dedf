import { lazyRouteComponent } from '@tanstack/react-router'
import { type ComponentType, lazy } from 'react'
import { ApiError } from './api-error.ts'
import { call } from './call.ts'

const EVERY_MS = 1_000

async function isServerAway(): Promise<boolean> {
  try {
    await call('live')
    return false
  } catch (error) {
    return error instanceof ApiError && error.status === 0
  }
}

/**
 * Loads code, however long the server is away. Without that, the router would reload the page, which ends in the browser's own
 * error page, and React would never try again.
 * @throws what the browser says if the server is there: it may have another build by now
 */
export async function loadWhenThere<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load()
    } catch (error) {
      if (!(await isServerAway())) throw error
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  }
}

/** The component of a route, whose code comes when it is first gone to. */
export function lazyPage<M extends Record<string, unknown>, K extends keyof M>(
  load: () => Promise<M>,
  name: K,
) {
  return lazyRouteComponent(() => loadWhenThere(load), name)
}

/** A part of a page, whose code comes when it is first shown. */
export function lazyPart<K extends string, P>(load: () => Promise<Record<K, ComponentType<P>>>, name: K) {
  return lazy(async () => ({ default: (await loadWhenThere(load))[name] }))
}
