import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './styles/index.css'
import { App } from './app.tsx'
import { createSession, SessionContext } from './session.ts'
import { allowEmptyHtml } from './trusted-types.ts'
import { Boundary } from './ui/boundary.tsx'

allowEmptyHtml()

const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <SessionContext value={createSession()}>
        <Boundary>
          <App />
        </Boundary>
      </SessionContext>
    </StrictMode>,
  )
