/** What `npm start -- --help` prints. */
export const USAGE = `Usage: npm start -- [flags]
       npm start -- backup FILE
       npm start -- restore FILE [--by-journal | --end-all | --as-it-was]

Keyharbor on this machine: DynamoDB, KMS, gateway and all.

Commands:
  backup FILE   write the table of the data folder to a new file, whether the service runs or not;
                it opens with kms.key alone, which isn't in it
  restore FILE  put that table into the data folder, without what was revoked, reset, locked, demoted
                or deleted since: the table that is there says so. Where it can't be read:
                --by-journal  take that from the journal, until when it is whole
                --end-all     revoke all keys and lock all users
                --as-it-was   take it that what ended since passes again

Flags:
  --bundled     run the bundles that would be deployed, each function in processes of its own,
                instead of the sources; takes some seconds longer to start
  --new         set aside what the data folder has, in a folder within it, and begin anew
  --reset-admin give the first administrator of the first tenant a new password, without a second
                factor; it is shown once, and written to bootstrap.json
  -h, --help    print this

Environment:
  PORT                      https and wss; 0: any free one (8443)
  HTTP_PORT                 plain http and ws; 0: any free one (8080)
  HOST                      address to listen on (127.0.0.1)
  KEYHARBOR_DATA            data folder (.keyharbor)
  KEYHARBOR_JOURNAL         folder of the journal, by which a restore knows what ended where the table
                            is lost; best on another disk; off: none (journal in the data folder)
  KEYHARBOR_SITE            folder of portal and API docs, built; off: none (built at the start)
  KEYHARBOR_SWEEP_SECONDS   how often expired keys are marked (1)
  KEYHARBOR_CONNECTIONS_PER_ADDRESS
                            connections that one address may have open (4096)
  KEYHARBOR_ACCESS_LOG      1: a line in the log for each request and each socket
  KEYHARBOR_DEFAULT_TENANT  tenant of logins that name none (demo)
  KEYHARBOR_TABLE           name of the table (keyharbor)
  KEYHARBOR_KMS_KEY         id, ARN or alias of the wrapping key (alias/keyharbor)
  KEYHARBOR_ISSUER          who the service says it is in tokens: https://, a host, perhaps a path
                            (the host asked for)
  KEYHARBOR_ALLOW_INSECURE  1: leave keys alone that are used over plain http; for test rigs
  KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE
                            calls before login that are taken from an address (12000)
  KEYHARBOR_TENANT_CALLS_PER_MINUTE
                            calls of a tenant's sessions (60000)
  KEYHARBOR_DEVICE_CHECKS_PER_MINUTE, KEYHARBOR_TENANT_CHECKS_PER_MINUTE
                            checks of one device (12000), and of one tenant (60000)
  KEYHARBOR_AWS_TIMEOUT_MS  how long one request to DynamoDB or KMS may take (3000)
  KEYHARBOR_CHECK_TIMEOUT_MS
                            how long a check may take, whatever these do (2000)
  AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL_DYNAMODB_STREAMS
                            use that instead of what is embedded
  AWS_REGION                as the functions see it (us-east-1)

With --bundled:
  KEYHARBOR_NODE            the Node.js to run them under (24 if there is one: npm run node24)
  KEYHARBOR_ASSEMBLY        a CDK assembly to run as it is, instead of building one
  KEYHARBOR_RECORD          file to record the AWS calls of the functions in; names only, no values`
