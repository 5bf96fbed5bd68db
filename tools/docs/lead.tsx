/** `/api/docs/` itself, which leads to the current version. */
import type { FC } from 'hono/jsx'
import { Document } from './layout.tsx'
import { ROOT } from './model.ts'

export const Lead: FC = () => (
  <Document
    title="Keyharbor API"
    head={<meta http-equiv="refresh" content={`0; url=${ROOT}current/`} />}
  >
    <main class="lone">
      <h1>Keyharbor API</h1>
      <p>
        <a href={`${ROOT}current/`}>The documentation of the current version</a>
      </p>
    </main>
  </Document>
)
