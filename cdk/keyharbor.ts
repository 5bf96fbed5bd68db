/**
 * The whole of a deployment, stack by stack: data outlives the service, the service runs without the
 * edge, and nothing depends on being watched.
 */
import { type App, Tags } from 'aws-cdk-lib'
import { createData } from './data.ts'
import { createEdge } from './edge.ts'
import { createServiceStack } from './service.ts'
import { readSettings } from './settings.ts'
import { buildSite } from './site-files.ts'
import { createWatch } from './watch.ts'

/** @param site gives the folder of the site's files; asked only where there is an edge. */
export const createKeyharbor = (app: App, site: () => string = buildSite) => {
  const settings = readSettings(app)
  const data = createData(app, settings)
  const service = createServiceStack(app, settings, data)
  const edge = settings.edge ? createEdge(app, settings, { service, site: site() }) : null
  const watch = createWatch(app, { settings, data, service })
  const stacks = {
    data: data.stack,
    service: service.stack,
    watch: watch.stack,
    ...(edge && { firewall: edge.firewall, edge: edge.stack }),
  }
  for (const stack of Object.values(stacks))
    Tags.of(stack).add('application', settings.name, {
      // CDK would tag them, CloudFormation's schema doesn't know it.
      excludeResourceTypes: ['AWS::CloudWatch::Dashboard'],
    })
  return stacks
}
