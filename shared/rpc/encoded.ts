/**
 * A whole result whose extended JSON is known already: it is sent as it stands, and not written anew for each
 * call. For what is large and the same for everybody; it can't be part of another value.
 */
export class Encoded {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An object of members that are encoded already. */
export const encodedObject = (members: readonly (readonly [string, string])[]): Encoded =>
  new Encoded(`{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`)
