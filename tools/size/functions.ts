/** The functions as they would be deployed: bundles and variables from the synthesised CDK app. */
import { join } from 'node:path'
import { readAssembly } from '../../local/assembly/assembly.ts'
import { readDeployment } from '../../local/assembly/deployment.ts'
import { synthesise } from '../../local/assembly/synth.ts'
import { createTrust, issueCredentials } from '../../local/credentials.ts'
import { environmentOf } from '../../local/runtime/environment.ts'
import type { Subject } from './size.ts'

/** @param folder for the assembly. */
export const buildFunctions = async (folder: string): Promise<Subject[]> => {
  await synthesise(folder, SETTINGS)
  const { functions } = readDeployment(await readAssembly(folder), WORLD)
  return Object.values(functions).map((plan) => ({
    name: plan.name,
    kind: 'function',
    file: join(plan.bundle, `${plan.handler.split('.')[0]}.mjs`),
    environment: environmentOf(plan, issueCredentials(createTrust()), PLACE),
  }))
}

// ---------------------------------------------------------------------------------------------

/** With all that a function sets up when it starts, such as operators' keys. */
const SETTINGS = {
  'keyharbor:defaultTenant': 'demo',
  'keyharbor:operatorJwksUrl': 'https://operators.keyharbor.internal/jwks.json',
  'keyharbor:operatorIssuer': 'https://operators.keyharbor.internal',
}

/** Nobody is there: a start calls nothing. */
const NOBODY = 'http://127.0.0.1:9'
const WORLD = { region: 'eu-west-1', table: 'keyharbor', kmsKey: 'alias/keyharbor' }
const PLACE = {
  region: WORLD.region,
  api: '127.0.0.1:9',
  standIns: {
    endpoints: { AWS_ENDPOINT_URL_DYNAMODB: NOBODY, AWS_ENDPOINT_URL_KMS: NOBODY },
    addresses: new Map<string, string>(),
    allowInsecure: false,
  },
}
