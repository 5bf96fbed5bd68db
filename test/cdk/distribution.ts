/** The distribution of the edge's template, asked as CloudFront would be. */
import type { Synthesised } from './synth.ts'

export type Behaviour = Record<string, unknown> & { PathPattern?: string; TargetOriginId: string }

export const distributionOf = (stack: Synthesised) => {
  const [found] = Object.values(stack.edge?.findResources('AWS::CloudFront::Distribution') ?? {})
  const config = found?.Properties.DistributionConfig as {
    DefaultCacheBehavior: Behaviour
    CacheBehaviors: Behaviour[]
    Origins: (Record<string, unknown> & { Id: string })[]
  } & Record<string, unknown>
  const behaviours = [...config.CacheBehaviors, config.DefaultCacheBehavior]

  /** Name and attribute of the resource that a behaviour leads to. */
  const originOf = ({ TargetOriginId }: Behaviour): string =>
    stack.text(config.Origins.find(({ Id }) => Id === TargetOriginId)?.DomainName)

  return {
    config,
    originOf,
    /** The first pattern that fits. */
    behaviourOf: (path: string): Behaviour =>
      config.CacheBehaviors.find(({ PathPattern = '' }) =>
        new RegExp(`^${PathPattern.replaceAll('*', '.*')}$`).test(path),
      ) ?? config.DefaultCacheBehavior,
    /** In CloudFront's order, the default one last. */
    site: behaviours.filter((one) => originOf(one).startsWith('Site.')),
    apis: behaviours.filter((one) => !originOf(one).startsWith('Site.')),
  }
}
