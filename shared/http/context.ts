/** What routes know of a request. */

/** What the entry point knows of a request beside the request itself. */
export type Caller = {
  readonly address: string
  /** Protocol on which the viewer came, as the edge says. */
  readonly proto: string | undefined
  /** The host that the viewer asked for. */
  readonly host?: string
}
export type Http = {
  Bindings: Caller
  Variables: { secure: boolean }
}
