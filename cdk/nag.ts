/** Written reasons for what cdk-nag objects to. */
import { Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Accepts one wildcard in the policies below a construct, and no other. @param arn as in the policy. */
export const acceptWildcard = (scope: IConstruct, arn: string, reason: string): void => {
  const resource = flat(Stack.of(scope).resolve(arn))
  Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason })
}

// ---------------------------------------------------------------------------------------------

/** CloudFormation's references as cdk-nag writes them: `<LogicalId>`, `<LogicalId.Attribute>`. */
const flat = (value: string | object): string => {
  if (typeof value === 'string') return value
  const [[kind, of] = []] = Object.entries(value)
  if (kind === 'Ref') return `<${of}>`
  if (kind === 'Fn::GetAtt') return `<${of.join('.')}>`
  if (kind === 'Fn::Sub') return of.replace(/\$\{([^}]*)\}/g, '<$1>')
  if (kind === 'Fn::Join') return of[1].map(flat).join(of[0])
  throw new Error(`a policy's resource is ${JSON.stringify(value)}, which cdk/nag.ts can't write`)
}
