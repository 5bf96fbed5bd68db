/** The check function's app over plain HTTP, as a gateway that ends TLS would ask it. */
import { parseEnv } from '../../shared/env.ts'
import { createCheckApp } from '../../shared/http/app.ts'
import { createChecks } from '../../shared/service.ts'
import { answerQuestions } from './parts/answering.ts'
import { listenHttp } from './parts/listen-http.ts'

const app = createCheckApp(createChecks({ env: parseEnv(process.env) }))

answerQuestions({
  start: () =>
    listenHttp((request, { incoming }) => {
      const viewer = {
        address: incoming.socket.remoteAddress ?? '',
        host: incoming.headers.host ?? '',
        secure: true,
      }
      return app.fetch(request, viewer)
    }),
})
