/** The wrapping key of a KMS that somebody else runs. */
import { createServer } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { closeServer, listen } from '../../local/listen.ts'
import { ensureWrappingKey } from '../../local/wrapping-key.ts'

it('made by somebody else at the same moment is as good', async () => {
  const asked: string[] = []
  const answers: Record<string, [number, object]> = {
    DescribeKey: [400, { __type: 'NotFoundException' }],
    CreateKey: [200, { KeyMetadata: { KeyId: 'one' } }],
    CreateAlias: [400, { __type: 'AlreadyExistsException' }],
    ScheduleKeyDeletion: [200, {}],
  }
  const server = createServer((request, response) => {
    const action = String(request.headers['x-amz-target']).replace('TrentService.', '')
    asked.push(action)
    const [status, body] = answers[action] ?? [500, {}]
    request.resume().on('end', () => response.writeHead(status).end(JSON.stringify(body)))
  })
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => closeServer(server))
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  })
  await ensureWrappingKey(`http://127.0.0.1:${port}`, 'alias/keyharbor')
  // The key that lost costs money as long as it is there.
  expect(asked).toEqual(['DescribeKey', 'CreateKey', 'CreateAlias', 'ScheduleKeyDeletion'])
})
