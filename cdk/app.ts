/** Entry point of the CDK app (`cdk.json`). Needs no credentials, no Docker and no network to synthesise. */
import { App } from 'aws-cdk-lib'
import { createKeyharbor } from './stack.ts'

createKeyharbor(new App())
