/** What is measured: something that is started once, measured in each round, and closed. */
import type { Sample } from './protocol.ts'

export const GROUPS = ['floors', 'ours', 'peers', 'scale', 'cost'] as const
export type Group = (typeof GROUPS)[number]

export type Subject = {
  /** Names it in the JSON file. */
  readonly id: string
  readonly group: Group
  /** Names it for people. */
  readonly label: string
  /** How it is asked, which says what it may be compared with. */
  readonly by: 'http' | 'one connection' | 'process' | 'socket'
  /** Starts it and sees that it does what it is measured for. @throws Skip if it can't be measured. */
  readonly start: () => Promise<Running>
}

export type Running = {
  readonly measure: (seconds: number) => Promise<Sample>
  readonly close: () => Promise<void>
}

/** Why something isn't measured. */
export class Skip extends Error {}
