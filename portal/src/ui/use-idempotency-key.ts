import { useState } from 'react'

/** A name for what one form sends, however often it does: what was made by it is not made twice. */
export const useIdempotencyKey = (): string => {
  // Not randomUUID, which browsers have on encrypted pages only.
  const [key] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join('-'))
  return key
}
