/** Caddy, from `examples/caddy`. */
import { join } from 'node:path'
import { copyExample } from './configure.ts'
import { folderFor, type Gateway } from './gateway.ts'
import { find, run } from './program.ts'

export const caddy = (): Gateway => ({
  name: 'Caddy',
  program: find('caddy'),
  install: 'apt-get install caddy',
  async start(program, place) {
    const path = await folderFor(place)
    const [https, http] = await run([program, 'run'], {
      folder: path,
      // What it keeps goes into the folder too.
      env: { HOME: path, XDG_DATA_HOME: path, KEYHARBOR_GATEWAY_KEY: place.key },
      prepare: ([https, http]) =>
        copyExample('caddy/Caddyfile', join(path, 'Caddyfile'), {
          'https://127.0.0.1:8443': `https://127.0.0.1:${place.keyharbor}`,
          '127.0.0.1:3000': `127.0.0.1:${place.service}`,
          'response_header_timeout 5s': `response_header_timeout ${place.seconds}s`,
          'https://127.0.0.1:9443': `https://127.0.0.1:${https}`,
          'http://127.0.0.1:9080': `http://127.0.0.1:${http}`,
        }),
    })
    return { https, http }
  },
})
