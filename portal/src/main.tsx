import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './styles/index.css'
import { App } from './app.tsx'
import { createSession, SessionContext } from './session.ts'
import { allowEmptyHtml } from './trusted-types.ts'

allowEmptyHtml()

const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <SessionContext value={createSession()}>
        <App />
      </SessionContext>
    </StrictMode>,
  )
