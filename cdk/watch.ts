/** Everything that watches: alarms, who hears of them, the dashboard, queries. Nothing depends on it. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { createAlarms } from './alarms.ts'
import { createDashboard } from './dashboard.ts'
import type { Watched } from './metrics.ts'
import { createQueries } from './queries.ts'
import type { Settings } from './settings.ts'

export const createWatch = (scope: Construct, watched: Watched): { readonly stack: Stack } => {
  const { settings } = watched
  const stack = new Stack(scope, `${settings.name}Watch`, {
    description: 'Keyharbor: alarms and dashboard',
  })
  const alarms = createAlarms(stack, watched, createAction(stack, settings))
  createDashboard(stack, watched, alarms)
  createQueries(stack, watched)
  return { stack }
}

// ---------------------------------------------------------------------------------------------

const createAction = (stack: Stack, settings: Settings): IAlarmAction | null => {
  const { alarmTopicArn, alarmEmail } = settings
  if (alarmTopicArn !== undefined)
    return new SnsAction(Topic.fromTopicArn(stack, 'AlarmTopic', alarmTopicArn))
  return alarmEmail === undefined ? null : new SnsAction(createTopic(stack, alarmEmail))
}

/** Alarms name no tenant and no key, but they are nobody else's business. */
const createTopic = (stack: Stack, email: string): ITopic => {
  // AWS's own key for topics doesn't let CloudWatch in.
  const masterKey = new Key(stack, 'AlarmKey', {
    description: 'Encrypts what alarms of Keyharbor say',
    enableKeyRotation: true,
    // It opens nothing that is kept.
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const topic = new Topic(stack, 'AlarmTopic', { masterKey, enforceSSL: true })
  const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
  })
  topic.grantPublish(alarms)
  masterKey.grant(alarms, 'kms:Decrypt', 'kms:GenerateDataKey*')
  topic.addSubscription(new EmailSubscription(email))
  return topic
}
