/** How every function is built and run: one ES module with the SDK that was tested, on arm64. */
import { join } from 'node:path'
import type { Duration, Stack } from 'aws-cdk-lib'
import { Architecture, type Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda'
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'

const ROOT = join(import.meta.dirname, '..')

type Options = {
  /** Megabytes; processor time grows with it. */
  readonly memory: number
  readonly timeout: Duration
  readonly environment?: Record<string, string>
}

/** A function whose entry is the file of its name in `functions/`. */
export const createLambda = (
  stack: Stack,
  name: 'Socket' | 'Http' | 'Fanout' | 'Sweep',
  { memory, timeout, environment = {} }: Options,
): Lambda =>
  new NodejsFunction(stack, name, {
    entry: join(ROOT, 'functions', `${name.toLowerCase()}.ts`),
    projectRoot: ROOT,
    depsLockFilePath: join(ROOT, 'package-lock.json'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: memory,
    timeout,
    environment,
    logGroup: new LogGroup(stack, `${name}Log`, { retention: RetentionDays.ONE_MONTH }),
    bundling: {
      format: OutputFormat.ESM,
      mainFields: ['module', 'main'],
      target: 'node24',
      minify: true,
      bundleAwsSDK: true,
    },
  })
