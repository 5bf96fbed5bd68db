/** The web ACL of the edge: CloudFront takes one from us-east-1 only, wherever the service is. It sees
 * handshakes and HTTP; frames it never sees, so what they cost is bounded in the functions. */
import { CfnOutput, Fn, Stack } from 'aws-cdk-lib'
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import type { Construct } from 'constructs'
import type { Settings } from './settings.ts'

const REGION = 'us-east-1'
const OUTPUT = 'WebAclArn'

export const createFirewall = (scope: Construct, settings: Settings) => {
  const stack = new Stack(scope, `${settings.name}Firewall`, {
    description: 'Keyharbor: the firewall of the edge',
    env: { region: REGION },
  })
  const acl = new CfnWebACL(stack, 'WebAcl', {
    scope: 'CLOUDFRONT',
    defaultAction: { allow: {} },
    visibilityConfig: visible(settings, 'all'),
    rules: [
      {
        name: 'Handshakes',
        priority: 0,
        action: { block: { customResponse: { responseCode: 429 } } },
        visibilityConfig: visible(settings, 'handshakes'),
        statement: {
          rateBasedStatement: {
            aggregateKeyType: 'IP',
            evaluationWindowSec: WINDOW_SECONDS,
            limit: settings.handshakesPerAddress,
            scopeDownStatement: {
              // Every handshake has one (RFC 6455 §4.1), and unlike Upgrade it isn't for one hop only.
              sizeConstraintStatement: {
                fieldToMatch: { singleHeader: { Name: 'sec-websocket-key' } },
                comparisonOperator: 'GT',
                size: 0,
                textTransformations: [{ priority: 0, type: 'NONE' }],
              },
            },
          },
        },
      },
      {
        name: 'Requests',
        priority: 1,
        action: { block: { customResponse: { responseCode: 429 } } },
        visibilityConfig: visible(settings, 'requests'),
        statement: {
          rateBasedStatement: {
            aggregateKeyType: 'IP',
            evaluationWindowSec: WINDOW_SECONDS,
            limit: settings.requestsPerAddress,
          },
        },
      },
    ],
  })
  new CfnOutput(stack, OUTPUT, { value: acl.attrArn })
  return {
    stack,
    /** ARN of the web ACL, for stacks in any Region. */
    arn: Fn.getStackOutput(stack.stackName, OUTPUT, REGION),
  }
}

// ---------------------------------------------------------------------------------------------

/** How long requests are counted for a limit. */
const WINDOW_SECONDS = 300

/** Metrics' names tell deployments of one account apart. No samples, since they would keep headers of
 * requests, keys among them, for three hours. */
const visible = ({ name }: Settings, of: string): CfnWebACL.VisibilityConfigProperty => ({
  metricName: `${name}-${of}`,
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
})
