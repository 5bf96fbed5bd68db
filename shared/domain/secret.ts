/**
 * Text that must not be printed: a raw key, a password, a token.
 * Logs, JSON and templates show `[secret]`; only {@link Secret.reveal} yields the text.
 */
import { inspect } from 'node:util'

export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }
  /** The text itself. For hashing it, and for the one answer that shows it. */
  reveal(): string {
    return this.#text
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [inspect.custom](): string {
    return '[secret]'
  }
}
