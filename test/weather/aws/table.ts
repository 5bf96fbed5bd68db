/**
 * The table as the simulation asks for it: the embedded DynamoDB does the work, and what was read once is
 * remembered until it is written. Nobody else writes, so it is the same, and a run takes half the time.
 */
import type { Answer } from './engine.ts'
import { bytesOf, type ItemKey, type ItemWrite, textOf } from './read-request.ts'

export type Attributes = Record<string, Record<string, unknown>>
export type BatchGet = {
  readonly RequestItems: Record<
    string,
    { readonly Keys: Attributes[]; readonly ProjectionExpression?: string }
  >
}

export const createTable = (ask: (target: string, body: string) => Promise<Answer>) => {
  const known = new Map<string, Attributes | null>()
  /** Bytes of items as last seen. */
  const sizes = new Map<string, number>()

  return {
    /** Items of a batch, those that are there. */
    async read(
      target: string,
      { RequestItems }: BatchGet,
      keys: readonly Attributes[],
    ): Promise<Attributes[]> {
      const [[name, asked] = ['', { Keys: [] }]] = Object.entries(RequestItems)
      const isWhole = asked.ProjectionExpression === undefined
      const lacking = keys.filter((key) => !isWhole || !known.has(textOf(keyIn(key))))
      const fresh = new Map<string, Attributes>()
      if (lacking.length > 0) {
        const body = { RequestItems: { [name]: { ...asked, Keys: lacking } } }
        const answer = await ask(target, JSON.stringify(body))
        if (answer.status !== 200) throw new Error(`the embedded DynamoDB said ${answer.body}`)
        const items: Attributes[] = JSON.parse(answer.body).Responses?.[name] ?? []
        if (!isWhole) return items
        for (const item of items) fresh.set(textOf(keyIn(item)), item)
      }
      for (const key of lacking) {
        const text = textOf(keyIn(key))
        const item = fresh.get(text) ?? null
        known.set(text, item)
        sizes.set(text, item === null ? 0 : bytesOf(item))
      }
      return keys
        .map((key) => known.get(textOf(keyIn(key))) ?? null)
        .filter((item) => item !== null)
    },

    /** Does what writes these items. */
    async write(target: string, body: string, writes: readonly ItemWrite[]): Promise<Answer> {
      const answer = await ask(target, body)
      for (const write of writes) {
        known.delete(textOf(write))
        if (write.kind === 'put') sizes.set(textOf(write), write.bytes)
      }
      return answer
    },

    ask,

    /** Bytes of an item, if anybody has seen it. */
    sizeOf: (key: ItemKey): number => sizes.get(textOf(key)) ?? 0,
  }
}

export const keyIn = (item: Attributes): ItemKey => ({
  pk: String(item.pk?.S),
  sk: String(item.sk?.S),
})
