/** Entry point of the CDK app (`cdk.json`). Needs no credentials, no Docker and no network to synthesise;
 * a finding of cdk-nag without a written reason fails it. */
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { createKeyharbor } from './keyharbor.ts'

const app = new App()
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
createKeyharbor(app)
