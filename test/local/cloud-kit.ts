/** For tests of the whole: options of a cloud in a folder, and functions that only keep their events. */
import type { Functions } from '../../local/cloud.ts'
import { parseOptions } from '../../local/options.ts'
import type { Event } from './kit.ts'

/** On free ports, with the table in memory. */
export const optionsIn = (data: string) => ({
  ...parseOptions({ PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data }),
  memory: true,
})

/** Functions that do nothing but keep what they are given. */
export const recorder = () => {
  const calls: Record<keyof Functions, Event[]> = {
    socket: [],
    http: [],
    close: [],
    tell: [],
    sweep: [],
    bootstrap: [],
  }
  const keep = (name: keyof Functions) => async (event: Event) => {
    calls[name].push(event)
    return name === 'close' || name === 'tell' ? {} : { statusCode: 200, body: name }
  }
  const functions: Functions = {
    socket: keep('socket'),
    http: { $default: keep('http') },
    close: keep('close'),
    tell: keep('tell'),
    sweep: keep('sweep'),
    bootstrap: keep('bootstrap'),
  }
  return { calls, load: async () => functions }
}
