/** nginx, from `examples/nginx`. */
import { join } from 'node:path'
import { copyExample } from './configure.ts'
import { folderFor, type Gateway } from './gateway.ts'
import { find, run } from './program.ts'

/** @param cached with the lines for caching, and for an hour, so that no test is too slow for it. */
export const nginx = ({ cached = false } = {}): Gateway => ({
  name: 'nginx',
  program: find('nginx'),
  install: 'apt-get install nginx-light',
  async start(program, place) {
    const path = await folderFor(place)
    await copyExample('nginx/protected.conf', join(path, 'protected.conf'))
    await copyExample('nginx/keyharbor-key.conf.example', join(path, 'keyharbor-key.conf'), {
      '<id>-<secret>': place.key,
    })
    const command = [program, '-p', path, '-c', 'nginx.conf', '-e', 'stderr', '-g', GLOBALS]
    const [https, http] = await run(command, {
      folder: path,
      prepare: ([https, http]) =>
        copyExample('nginx/nginx.conf', join(path, 'nginx.conf'), {
          'server 127.0.0.1:8443;': `server 127.0.0.1:${place.keyharbor};`,
          'server 127.0.0.1:3000;': `server 127.0.0.1:${place.service};`,
          'listen 127.0.0.1:9443 ssl;': `listen 127.0.0.1:${https} ssl;`,
          'listen 127.0.0.1:9080;': `listen 127.0.0.1:${http};`,
          'proxy_read_timeout 5s;': `proxy_read_timeout ${place.seconds}s;`,
          'http {': `http {\n${OWN_FOLDERS}`,
          ...(cached && {
            '#CACHE ': '',
            '/run/keyharbor-cache': 'cache',
            ' 200 10s;': ' 200 1h;',
            'inactive=1m': 'inactive=1h',
          }),
        }),
    })
    return { https, http }
  },
})

// ---------------------------------------------------------------------------------------------

/** Only root can be told to be somebody else: nobody couldn't look into the test's folder. */
const GLOBALS = `daemon off; pid nginx.pid; worker_processes 1;${process.getuid?.() === 0 ? ' user root root;' : ''}`

/** Debian's nginx would take folders that only root may write. */
const OWN_FOLDERS = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((name) => `${name}_temp_path ${name}_temp;\n`)
  .join('')
  .concat('access_log off;\n')
