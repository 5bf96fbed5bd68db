/** Headers of everything a browser is shown: the portal, the docs, and error pages. The local gateway and CloudFront
 * both take them from here. */
import { ANY_ORIGIN } from './paths.ts'

/** What a page of ours may do: load its own files, and speak to its own host. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  // Of a page that came over https this covers wss on the same host too, in each browser that is kept up
  // to date; Safari was the last to follow, with 16 (2022).
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // The portal's one policy lets nothing but empty text become HTML (portal/src/trusted-types.ts).
  'trusted-types default',
].join('; ')

/** Two years: what browsers' preload lists ask for at least is one. */
export const HSTS_SECONDS = 63_072_000

/** By the name as it is written on the wire. Without HSTS, which only a host with a certificate that
 * browsers trust can promise: see `HSTS_SECONDS`. */
export const PAGE_HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': [
    'clipboard-write=(self)',
    ...[
      'accelerometer',
      'autoplay',
      'camera',
      'clipboard-read',
      'display-capture',
      'encrypted-media',
      'fullscreen',
      'geolocation',
      'gyroscope',
      'magnetometer',
      'microphone',
      'midi',
      'payment',
      'picture-in-picture',
      'publickey-credentials-get',
      'screen-wake-lock',
      'usb',
      'xr-spatial-tracking',
    ].map((name) => `${name}=()`),
  ].join(', '),
  'X-Robots-Tag': 'noindex',
} as const

/** Of files that any page may read (`PUBLIC_FILES`). */
export const PUBLIC_FILE_HEADERS = {
  ...PAGE_HEADERS,
  ...ANY_ORIGIN,
  'Cross-Origin-Resource-Policy': 'cross-origin',
} as const

/** Either of them. */
export type PageHeaders = Omit<typeof PAGE_HEADERS, 'Cross-Origin-Resource-Policy'> & {
  readonly 'Cross-Origin-Resource-Policy': 'same-origin' | 'cross-origin'
  readonly 'Access-Control-Allow-Origin'?: '*'
}
