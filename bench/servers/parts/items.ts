/** What a DynamoDB that answers from memory knows: items by their keys, as text; other reads as a whole. */

/** A key as the SDK writes it. */
const KEY = /\{"pk":\{"S":"([^"\\]*)"\},"sk":\{"S":"([^"\\]*)"\}\}/g
const TABLE = /"RequestItems":\{"([^"]+)"/

type Item = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } }

export const createItems = () => {
  /** '' for one that isn't there. */
  const known = new Map<string, string>()
  const whole = new Map<string, string>()

  /** A read of whole items, of one table. */
  const isPlain = (operation: string, body: string): boolean =>
    operation === 'BatchGetItem' && !body.includes('ProjectionExpression')

  return {
    /** @returns undefined where the real one must be asked. */
    answer(operation: string, body: string): string | undefined {
      if (!isPlain(operation, body)) return whole.get(`${operation} ${body}`)
      let found = ''
      for (const [, pk, sk] of body.matchAll(KEY)) {
        const item = known.get(`${pk}\n${sk}`)
        if (item === undefined) return undefined
        if (item !== '') found += found === '' ? item : `,${item}`
      }
      const [, table] = TABLE.exec(body) ?? []
      return `{"Responses":{"${table}":[${found}]},"UnprocessedKeys":{}}`
    },

    learn(operation: string, body: string, answer: string): void {
      if (!isPlain(operation, body)) return void whole.set(`${operation} ${body}`, answer)
      for (const [, pk, sk] of body.matchAll(KEY)) known.set(`${pk}\n${sk}`, '')
      const { Responses = {} } = JSON.parse(answer)
      for (const item of (Object.values(Responses) as Item[][]).flat())
        known.set(`${item.pk.S}\n${item.sk.S}`, JSON.stringify(item))
    },
  }
}
