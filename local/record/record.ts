/**
 * The record of what the functions asked of AWS: a file of JSON lines, each distinct call once, and
 * beside it `<file>.counts.json` with how often. Names and shapes only; no value of any item, parameter
 * or secret is ever in it.
 */
import { readFile } from 'node:fs/promises'

/** A line: one action that IAM is asked about. */
export type AwsCall = {
  /** Logical name of the function: Socket, Http … */
  readonly function: string
  /** What IAM calls it, such as dynamodb:PutItem, kms:Decrypt, execute-api:ManageConnections. */
  readonly action: string
  /** The request that it was part of, such as TransactWriteItems. IAM: dynamodb:EnclosingOperation. */
  readonly operation: string
  /** `table`, `index/<name>`, `key` or `<METHOD>/@connections` (as in an execute-api ARN). */
  readonly resource: string
  /**
   * Partition keys of the request, sorted (IAM: dynamodb:LeadingKeys), generalised: `T#<n>#K#<n>`.
   * Absent where it names none: a Scan.
   */
  readonly leadingKeys?: readonly string[]
  /** Sort keys of the request, generalised; `KEY#*` is a condition on the beginning. */
  readonly sortKeys?: readonly string[]
  /** Top-level attributes that the request names, keys too, sorted (IAM: dynamodb:Attributes). */
  readonly attributes?: readonly string[]
  /** dynamodb:Select of a Query or Scan that says it. */
  readonly select?: string
  /** dynamodb:ReturnValues, if the request says it. */
  readonly returnValues?: string
  /** ReturnValuesOnConditionCheckFailure, if the request says it. */
  readonly returnValuesOnFailure?: string
  /** KMS encryption context; a value that is a number is `<n>`. */
  readonly encryptionContext?: Readonly<Record<string, string>>
}

/** By function. */
export type Counts = Readonly<
  Record<
    string,
    {
      /** Events that processes worked on, by outcome; and how long, in milliseconds. */
      readonly invocations: {
        readonly returned: number
        readonly threw: number
        readonly timedOut: number
        readonly ms: number
      }
      /** Requests on the wire, by service and operation; units as DynamoDB says it consumed. */
      readonly requests: Readonly<
        Record<string, { readonly calls: number; readonly units: number }>
      >
      /** By action; those of a transaction each for itself. */
      readonly actions: Readonly<Record<string, number>>
    }
  >
>

/** @returns the distinct calls of a recording, in the order in which they were first seen. */
export const readRecord = async (file: string): Promise<AwsCall[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** A moment old while the service runs, and complete once it has stopped. */
export const readCounts = async (file: string): Promise<Counts> =>
  JSON.parse(await readFile(countsFile(file), 'utf8'))

export const countsFile = (file: string): string => `${file}.counts.json`
