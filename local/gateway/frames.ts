/** Watches the sizes of the frames that a client sends (RFC 6455 §5.2), which `ws` doesn't show: it
 * has put them together by the time there is a message. */

/**
 * @returns what takes the bytes of a connection in order, chunk after chunk; it calls `onTooLarge` at
 * the header of the first frame with more than `most` bytes of payload, and then no more.
 */
export const watchFrames = (most: number, onTooLarge: () => void) => {
  /** Bytes of payload still to come before the next header. */
  let skip = 0
  /** What has come of a header. */
  let head = Buffer.alloc(0)
  let done = false

  return (chunk: Buffer): void => {
    let at = 0
    while (!done && at < chunk.length) {
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at)
        skip -= step
        at += step
        continue
      }
      head = Buffer.concat([head, chunk.subarray(at, at + 1)])
      at++
      if (head.length < headerLength(head)) continue
      skip = payloadLength(head)
      head = Buffer.alloc(0)
      if (skip > most) {
        done = true
        onTooLarge()
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------

/** Length of a header that begins so; as long as it isn't known, one byte more than there is. */
const headerLength = (head: Buffer): number => {
  const second = head[1]
  if (second === undefined) return 2
  const length = second & 0x7f
  const mask = second & 0x80 ? 4 : 0
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + mask
}

const payloadLength = (head: Buffer): number => {
  const length = head.readUInt8(1) & 0x7f
  if (length === 126) return head.readUInt16BE(2)
  return length === 127 ? Number(head.readBigUInt64BE(2)) : length
}
