import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSigner } from '../../shared/store/signature.ts'

const { sha256 } = new DynamoDBClient({ region: 'eu-west-1' }).config

const word = fc.stringMatching(/^[A-Za-z0-9+/]{1,40}$/)
const request = fc.record({
  at: fc.date({
    min: new Date('2000-01-01'),
    max: new Date('2099-12-31'),
    noInvalidDate: true,
  }),
  body: fc.string({ unit: 'grapheme' }),
  accessKeyId: word,
  secretAccessKey: word,
  sessionToken: fc.option(word, { nil: undefined }),
})

describe('a signature', () => {
  it('is the one that AWS’s own signer makes of the same request', async () => {
    const host = 'dynamodb.eu-west-1.amazonaws.com'
    // One signer for all of them: days and credentials change under it.
    const sign = createSigner('eu-west-1', host, 'BatchGetItem')
    await fc.assert(
      fc.asyncProperty(request, async ({ at, body, sessionToken, ...keys }) => {
        const credentials = { ...keys, ...(sessionToken !== undefined && { sessionToken }) }
        const ours = sign(credentials, at, body)
        const { 'content-length': length, authorization, ...others } = ours
        expect(length).toBe(String(Buffer.byteLength(body)))
        const { 'x-amz-date': _date, 'x-amz-security-token': _token, ...unsigned } = others
        const signer = new SignatureV4({
          service: 'dynamodb',
          region: 'eu-west-1',
          credentials,
          sha256,
          applyChecksum: false,
        })
        const theirs = await signer.sign(
          {
            protocol: 'https:',
            hostname: host,
            method: 'POST',
            path: '/',
            headers: unsigned,
            body,
          },
          { signingDate: at },
        )
        expect({ ...others, authorization }).toEqual(theirs.headers)
      }),
    )
  })
})
