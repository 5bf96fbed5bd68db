import { type ComponentType, lazy } from 'react'

/** Milliseconds between tries: a part that is needed while the connection is lost comes when it is back. */
const PAUSES = [500, 1000, 2000, 4000, 8000]

/** A part of the page that is loaded when it is needed. */
export const lazily = <P extends object>(load: () => Promise<ComponentType<P>>) =>
  lazy(async () => ({ default: await persistently(load) }))

// ---------------------------------------------------------------------------------------------

const persistently = async <T>(load: () => Promise<T>): Promise<T> => {
  for (const pause of PAUSES) {
    try {
      return await load()
    } catch {
      await new Promise((done) => setTimeout(done, pause))
    }
  }
  return load()
}
