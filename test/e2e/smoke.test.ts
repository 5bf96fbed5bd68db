import { expect, test } from 'vitest'
import { smoke } from '../../tools/smoke/smoke.ts'
import { bootstrap, ca } from './kit.ts'

const target = {
  http: bootstrap.https,
  sockets: bootstrap.wss,
  user: `${bootstrap.username}@${bootstrap.tenant}`,
  password: bootstrap.password,
  ca,
}

test('the smoke test of a deployment passes on a running system', async () => {
  const steps: string[] = []
  await smoke(target, (step) => steps.push(step))
  expect(steps).toHaveLength(7)
})

test('and fails, saying what, when somebody else is at the door', async () => {
  const login = smoke({ ...target, password: 'not this one' }, () => {})
  await expect(login).rejects.toThrow('the login is answered AUTH_ERR')
})
