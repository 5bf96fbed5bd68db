/** `/api/docs/` itself, which leads to the current version. */
import type { FC } from 'hono/jsx'
import { ROOT } from './model.ts'

export const Lead: FC = () => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <link rel="icon" href="/ui/icon.svg" type="image/svg+xml" />
      <meta http-equiv="refresh" content={`0; url=${ROOT}current/`} />
      <title>Keyharbor API</title>
      <link rel="stylesheet" href={`${ROOT}docs.css`} />
    </head>
    <body>
      <main class="lone">
        <h1>Keyharbor API</h1>
        <p>
          <a href={`${ROOT}current/`}>The documentation of the current version</a>
        </p>
      </main>
    </body>
  </html>
)
