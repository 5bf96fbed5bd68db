/** Whose session it is, and how it came about, in words (docs/protocol/login.md §3.5). */
import type { Session } from '../../../client/index.ts'

export const holderOf = ({ credentials, credentials_data: data }: Session) => {
  const parent = data.parent?.credentials ?? null
  const kind = credentials === 'TOKEN' ? parent : credentials
  const key = data.api_key ?? data.parent?.credentials_data.api_key
  const text = WAYS[kind ?? ''] ?? credentials
  return { username: data.username, by: key === undefined ? text : `${text} ${key.name}` }
}

// ---------------------------------------------------------------------------------------------

const WAYS: Readonly<Record<string, string>> = {
  LOGIN_PASSWORD: 'Password',
  LOGIN_TWOFACTOR: 'Password and code',
  API_KEY: 'API key',
}
