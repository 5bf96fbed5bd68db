/** What a permission is for, in a word. One that has no word here stops the picture: it would not be
 * the whole one. */

/** @param resource literal text of what it is on. @returns nothing for what the picture leaves out. */
export const verbsOf = (actions: readonly string[], resource: string): string[] => [
  ...new Set(actions.flatMap((action) => verbOf(action, resource) ?? [])),
]

// ---------------------------------------------------------------------------------------------

const verbOf = (action: string, resource: string): string | null => {
  if (action === 'execute-api:ManageConnections')
    return resource.includes('/DELETE/') ? 'closes' : 'pushes'
  for (const [pattern, verb] of VERBS) if (pattern.test(action)) return verb
  throw new Error(`the picture has no word for ${action}: give it one in tools/picture/verbs.ts`)
}

const VERBS: readonly (readonly [RegExp, string | null])[] = [
  [/^dynamodb:(BatchGetItem|GetItem|Query|ConditionCheckItem)$/, 'reads'],
  [/^dynamodb:(PutItem|UpdateItem|DeleteItem)$/, 'writes'],
  [/^kms:Decrypt$/, 'opens data keys'],
  [/^kms:GenerateDataKey$/, 'makes data keys'],
  // Drawn as what they are for: the stream, and dead letters.
  [/^dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/, null],
  [/^sqs:SendMessage$/, null],
  // Copies the site's files while it is deployed: the picture is of what is at work after.
  [
    /^(s3:(GetObject|ListBucket|PutObject|DeleteObject)|cloudfront:(Create|Get)Invalidation)$/,
    null,
  ],
  // Each function's own log and traces.
  [/^(logs|xray):/, null],
]
