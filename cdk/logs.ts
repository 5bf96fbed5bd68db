/** Where logs go, and for how long. */
import { RemovalPolicy } from 'aws-cdk-lib'
import type { LogGroupProps } from 'aws-cdk-lib/aws-logs'
import type { Settings } from './settings.ts'

export const retention = ({ logDays, retain }: Settings): LogGroupProps => ({
  retention: logDays,
  removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
})
