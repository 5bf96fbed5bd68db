/** Saved queries over the functions' logs (CloudWatch, Logs Insights). docs/operations.md uses them. */
import type { Stack } from 'aws-cdk-lib'
import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs'
import type { Watched } from './metrics.ts'

export const createQueries = (stack: Stack, { settings, service }: Watched): void => {
  const logGroups = Object.values(service.functions).map((fn) => fn.logGroup)
  for (const [name, query] of Object.entries(QUERIES))
    new QueryDefinition(stack, `Query ${name}`, {
      queryDefinitionName: `${settings.name}/${name}`,
      queryString: new QueryString(query),
      logGroups,
    })
}

/** Log lines are those of `shared/log.ts`; `@type` and the like are Lambda's. */
const QUERIES = {
  'What went wrong, newest first': {
    fields: [
      '@timestamp',
      'message',
      'error.name',
      'error.message',
      'error.cause.name',
      'method',
      'path',
      'item',
      'request',
      '@log',
    ],
    filterStatements: ['level = "error"'],
    sort: '@timestamp desc',
    limit: 100,
  },
  'What went wrong, by kind': {
    filterStatements: ['level = "error"'],
    statsStatements: [
      'count(*) as times, max(@timestamp) as latest by message, error.name, error.message',
    ],
    sort: 'times desc',
    limit: 50,
  },
  'Slow, cold, cut off': {
    filterStatements: ['@type = "REPORT"'],
    statsStatements: [
      'count(*) as calls, pct(@duration, 50) as p50, pct(@duration, 99) as p99, max(@duration) as longest, sum(strcontains(@message, "Status: timeout")) as timeouts, count(@initDuration) as starts, max(@initDuration) as longest_start, max(@maxMemoryUsed / 1000 / 1000) as megabytes by @log',
    ],
  },
}
