/** What a stranger may present of an id: right in form, and never good. */
import { randomBytes } from 'node:crypto'
import { mintSecret } from '../../shared/crypto/random.ts'
import type { Rig } from './rig.ts'

export type Question = {
  readonly name: string
  /** What the answers must have in them: else it isn't this question that is measured. */
  readonly answer: RegExp
  /** Opens a connection. What it gives makes a question about an id ready; only its sending is timed. */
  readonly open: (rig: Rig) => Promise<{
    readonly prepare: (id: number) => Promise<() => Promise<string>>
    readonly close: () => void
  }>
}

export const QUESTIONS: readonly Question[] = [
  {
    name: 'introspection by a device, wrong secret',
    answer: /^200 \{"active":false\}$/,
    open: async (rig) => ({
      prepare: async (id) => {
        const token = wrongKey(id)
        return () => rig.introspect(token)
      },
      close: () => {},
    }),
  },
  {
    name: 'login by key, wrong secret',
    answer: /"result":false/,
    open: async (rig) => {
      const { exchange, close } = await rig.line()
      return {
        prepare: async (id) => {
          const text = frame('auth.login_with_api_key', wrongKey(id))
          return () => exchange(text)
        },
        close,
      }
    },
  },
  {
    name: 'SCRAM, first message',
    answer: /SERVER_FIRST_RESPONSE/,
    open: async (rig) => {
      const { exchange, close } = await rig.line()
      return {
        prepare: async (id) => {
          const text = first(id)
          return () => exchange(text)
        },
        close,
      }
    },
  },
  {
    name: 'SCRAM, wrong proof',
    answer: /"AUTH_ERR"/,
    open: async (rig) => {
      const { exchange, close } = await rig.line()
      return {
        prepare: async (id) => {
          const { rfc_str } = JSON.parse(await exchange(first(id))).result
          const [, nonce] = /^r=([^,]+)/.exec(rfc_str) ?? []
          const text = frame('auth.login_ex', {
            mechanism: 'SCRAM',
            scram_type: 'CLIENT_FINAL_MESSAGE',
            rfc_str: `c=biws,r=${nonce},p=${randomBytes(64).toString('base64')}`,
          })
          return () => exchange(text)
        },
        close,
      }
    },
  },
]

// ---------------------------------------------------------------------------------------------

/** Of the form of a key, checksum included. */
const wrongKey = (id: number): string => `${id}-${mintSecret(id).reveal()}`

const frame = (method: string, param: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [param] })

const first = (id: number): string =>
  frame('auth.login_ex', {
    mechanism: 'SCRAM',
    scram_type: 'CLIENT_FIRST_MESSAGE',
    rfc_str: `n,,n=admin:${id},r=${randomBytes(32).toString('base64')}`,
  })
