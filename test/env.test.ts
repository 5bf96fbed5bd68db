import { describe, expect, it } from 'vitest'
import { parseEnv } from '../shared/env.ts'

describe('the environment', () => {
  it('has defaults for all that needs no thought', () => {
    expect(parseEnv({})).toMatchObject({
      KEYHARBOR_TABLE: 'keyharbor',
      KEYHARBOR_CHANNEL_BINDINGS: [],
      KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: 12_000,
      KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: 12_000,
      KEYHARBOR_TENANT_CALLS_PER_MINUTE: 60_000,
      KEYHARBOR_TENANT_CHECKS_PER_MINUTE: 60_000,
      KEYHARBOR_ALLOW_INSECURE: false,
    })
  })

  it('allows insecure use in local mode only', () => {
    expect(parseEnv({ KEYHARBOR_LOCAL: '1', KEYHARBOR_ALLOW_INSECURE: '1' })).toMatchObject({
      KEYHARBOR_ALLOW_INSECURE: true,
    })
    expect(() => parseEnv({ KEYHARBOR_ALLOW_INSECURE: '1' })).toThrow(
      /^KEYHARBOR_ALLOW_INSECURE is for test rigs and works in local mode only/,
    )
  })

  it.each([
    'http://keys.example',
    'https://keys.example/',
    'https://keys.example/path/',
    'https://keys.example//path',
    'https://keys.example/path?query',
    'https://keys.example/path#part',
    'https://somebody@keys.example',
    'keys',
  ])('takes no issuer but an https address: %s', (KEYHARBOR_ISSUER) => {
    expect(() => parseEnv({ KEYHARBOR_ISSUER })).toThrow(/^KEYHARBOR_ISSUER takes https/)
  })

  it.each(['https://keys.example', 'https://127.0.0.1:4566/_aws/execute-api/9406de81'])(
    'takes an issuer with a path or without: %s',
    (KEYHARBOR_ISSUER) =>
      expect(parseEnv({ KEYHARBOR_ISSUER })).toMatchObject({ KEYHARBOR_ISSUER }),
  )

  it('names each variable that is wrong', () => {
    expect(() =>
      parseEnv({
        KEYHARBOR_CONNECTIONS_URL: 'nowhere',
        KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: 'many',
      }),
    ).toThrow(/KEYHARBOR_CONNECTIONS_URL .*\nKEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE /)
  })
})
