/** The observer of frame sizes. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { watchFrames } from '../../local/gateway/frames.ts'

/** A masked text frame, its length in the shortest form (RFC 6455 §5.2). */
const frame = (size: number): Buffer => {
  const long = Buffer.alloc(8)
  long.writeBigUInt64BE(BigInt(size))
  const short = size < 126 ? size : size < 65_536 ? 126 : 127
  const extended = size < 126 ? 8 : size < 65_536 ? 6 : 0
  return Buffer.concat([
    Buffer.of(0x81, 0x80 | short),
    long.subarray(extended),
    Buffer.alloc(4 + size, 0x81),
  ])
}

const tellsTooLarge = (most: number, chunks: readonly Buffer[]): number => {
  let told = 0
  const watch = watchFrames(most, () => {
    told++
  })
  for (const chunk of chunks) watch(chunk)
  return told
}

it('finds the frame that is too large, however the bytes are cut', () => {
  const sizes = fc.array(fc.oneof(fc.nat(130), fc.nat(700), fc.nat(70_000)), { maxLength: 8 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 5000 }), fc.nat(70_000), (list, step, most) => {
      const bytes = Buffer.concat(list.map(frame))
      const chunks: Buffer[] = []
      for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step))
      expect(tellsTooLarge(most, chunks)).toBe(list.some((size) => size > most) ? 1 : 0)
    }),
    { numRuns: 60 },
  )
})

it('tells at the header, before any payload has come', () => {
  expect(tellsTooLarge(100, [frame(101).subarray(0, 6)])).toBe(1)
  expect(tellsTooLarge(100, [frame(100)])).toBe(0)
})
