/** How each function is built, in esbuild's words. Not CDK's: `npm run size` builds what it compares with
 * in the same way. */

/**
 * Modules by which the SDK looks for credentials if the environment has none. Lambda's always has, so they are
 * left out: in a bundle they were 115 KB, and made the rest of the SDK start more slowly.
 */
const OTHER_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
]

/** One ES module with all that it uses, also the version of the SDK that was tested. */
export const BUNDLING = {
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  external: OTHER_CREDENTIALS,
}
