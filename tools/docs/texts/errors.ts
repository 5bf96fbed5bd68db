/**
 * What each failure means to a client, and which method answers which: for the documentation. The texts on
 * the wire are in `shared/domain/fault.ts`; a code that is added there doesn't compile without its meaning here.
 */
import { ERRNO, type FaultCode } from '../../../shared/domain/fault.ts'
import { isOpen, type Method, takesFilters } from '../../../shared/rpc/method.ts'

/** When it comes, and what to do. */
export const MEANING: Readonly<Record<FaultCode, string>> = {
  NOT_AUTHENTICATED: 'Nobody is logged in on this socket. Log in, then call again.',
  NOT_AUTHORIZED:
    'The caller has none of the roles that the method or event wants, or is a device, which may check keys and little else.',
  SESSION_EXPIRED:
    'The session has ended: its key was revoked, reset, deleted or expired, its user changed their password or second factor or was locked, thirty days have passed since the login that it goes on from, or somebody ended it. Log in anew.',
  RATE_LIMITED:
    'The account’s tries at its password and codes are used up for this hour, as far as your network has any; or too many calls before login came from this address. data.retry_after says how many seconds to wait; the socket stays open.',
  NOT_YOUR_KEYS: 'Without API_KEY_WRITE a caller manages their own keys only.',
  ROLES_BEYOND_YOURS:
    'The user concerned holds roles, or would get roles, that the caller does not hold.',
  USER_BUILT_IN:
    'The user whom the keys of devices belong to can be locked and renamed for people, no more: neither password, second factor, other roles nor deletion.',
  TOO_MANY_INVITATIONS:
    'Invitations are counted as they are made, by the hour of the clock. Go on in the next one.',
  ENROLMENT_REFUSED:
    'The text is no enrolment token, or it is expired or used, or who made it may not invite devices any more. Ask for a new one.',
  NOT_ENCRYPTED:
    'A token or key would be heard by anyone who listens on the way. A good token that came so is dead: make another, and use wss.',
  NO_OTP_PENDING: 'No password login waits for a code on this socket, or it waited too long.',
  SCRAM_NOT_IN_PROGRESS:
    'A final SCRAM message without a first one on this socket in the minute before.',
  TOO_MANY_TOKENS:
    'Tokens count until they are used (those that are good once), or expire. The next one to expire is named.',
  NO_JOB: 'A token for a job’s file was asked for. There are no jobs with files.',
  NOT_BY_KEY:
    'A key, also by way of a token, leads to no password and no second factor, neither its user’s nor another’s: else a thief of the key would keep the account. Log in with a password, and call again.',
  TOO_MANY_TRIES:
    'Passwords and codes given to prove a change of one’s own password or second factor are tries of the account, as those of its logins are. data.retry_after says how many seconds to wait.',
  MATCH_NOT_FOUND: 'Nothing matches: the option get found no row, or there is no key of this id.',
  NOT_COMPARABLE:
    'The query compares values that have no order, such as null with a date. The text says which.',
  QUERY_TOO_COSTLY:
    'Conditions are tried on each row, and rows compared to be sorted; this query would take more of that than one may. Ask with fewer conditions or sort keys, simpler patterns, or of fewer rows.',
  QUERY_TOO_WIDE:
    'What the service has an index of, it finds among any number of rows: an id, a name, an owner, a page in their order. For all else it looks at rows one by one, up to a bound. Ask in parts, such as by ranges of id.',
  RESULT_TOO_LARGE: 'The answer is larger than one message may be. Ask for less.',
  RESET_TWICE: 'Two resets of a key met. The other one won.',
  REVOKED_MEANWHILE: 'A reset met a revoke of the same key. The key stays revoked.',
  RIGHTS_CHANGED:
    'The caller lost roles while the call was under way. Repeated, it is judged by those that are left.',
  USER_CHANGED: 'Two changes of a user met. The other one won.',
  ALREADY_DONE:
    'A repeat, with the same idempotency_key and parameters, of a call whose answer showed a secret. `data.made` is the number of what it made or changed. Secrets are kept nowhere, so there is nothing to repeat; the text says how to get another one.',
  IDEMPOTENCY_KEY_REUSED:
    'For 24 hours an idempotency_key stands for one call of a method by one key or user, with these very parameters.',
  TOO_MANY_CHANGES:
    'Locks, deletions and changes of roles hold at once, and are kept apart until all keys of the user have them, and a minute more. So many users can be there at a time.',
  LIMIT_REACHED: 'A limit of the connection is reached. The text says which.',
  UNAVAILABLE:
    'The service could not reach what it needs in time, and changed nothing. Try again, later each time.',
  OUTCOME_UNKNOWN:
    'The change was sent to the database, which gave no answer, nor could it be asked whether it was made; or it was made, and the sessions that it ends could not be reached. Look; or repeat the call with the same idempotency_key, if it had one.',
  INTERNAL: 'A defect of the service. Its operator finds the reference in the log.',
  INVALID: 'The parameters break a rule. data.extra says which ones, and where.',
}

/** Of what changes passwords and second factors. */
const SECRETS = [
  'NOT_AUTHORIZED',
  'ROLES_BEYOND_YOURS',
  'NOT_BY_KEY',
  'USER_BUILT_IN',
  'USER_CHANGED',
] as const satisfies readonly FaultCode[]

/** Of what shows a secret once, and takes an idempotency key. */
const REPEATED = ['ALREADY_DONE', 'IDEMPOTENCY_KEY_REUSED'] as const satisfies readonly FaultCode[]

/** What a method answers beside what all of its kind do ({@link faultsOf}). */
const OWN: Readonly<Record<string, readonly FaultCode[]>> = {
  'api_key.create': ['NOT_YOUR_KEYS', 'ROLES_BEYOND_YOURS', ...REPEATED],
  'api_key.update': [
    'MATCH_NOT_FOUND',
    'NOT_YOUR_KEYS',
    'ROLES_BEYOND_YOURS',
    'RESET_TWICE',
    ...REPEATED,
    'REVOKED_MEANWHILE',
  ],
  'api_key.revoke': ['NOT_YOUR_KEYS'],
  'api_key.delete': ['NOT_YOUR_KEYS'],
  'api_key.query': ['QUERY_TOO_WIDE'],
  'api_key.get_instance': ['NOT_COMPARABLE'],
  'api_key.my_keys': ['RESULT_TOO_LARGE', 'QUERY_TOO_WIDE'],
  'auth.login_ex': ['NO_OTP_PENDING', 'SCRAM_NOT_IN_PROGRESS'],
  'auth.login_ex_continue': ['NO_OTP_PENDING'],
  'auth.generate_token': ['TOO_MANY_TOKENS', 'NO_JOB'],
  'core.subscribe': ['NOT_AUTHORIZED', 'LIMIT_REACHED'],
  'device.invite': ['ROLES_BEYOND_YOURS', 'NOT_ENCRYPTED', 'TOO_MANY_INVITATIONS', ...REPEATED],
  'device.enroll': ['NOT_ENCRYPTED', 'ENROLMENT_REFUSED', ...REPEATED],
  'device.query': ['QUERY_TOO_WIDE'],
  'device.get_instance': ['NOT_COMPARABLE'],
  'user.query': ['QUERY_TOO_WIDE'],
  'user.get_instance': ['NOT_COMPARABLE'],
  'user.create': ['ROLES_BEYOND_YOURS', 'NOT_BY_KEY', 'IDEMPOTENCY_KEY_REUSED'],
  'user.update': [
    'ROLES_BEYOND_YOURS',
    'NOT_BY_KEY',
    'USER_BUILT_IN',
    'USER_CHANGED',
    'TOO_MANY_CHANGES',
  ],
  'user.delete': ['ROLES_BEYOND_YOURS', 'USER_BUILT_IN', 'USER_CHANGED', 'TOO_MANY_CHANGES'],
  'user.renew_2fa_secret': [...SECRETS],
  'user.set_password': [...SECRETS, 'TOO_MANY_TRIES'],
  'user.confirm_2fa_secret': [...SECRETS, 'TOO_MANY_TRIES'],
  'user.unset_2fa_secret': [...SECRETS, 'TOO_MANY_TRIES'],
}

/** What makes a change that is either made or not, and of which there is an audit entry; or goes on after a mark. */
const SETTLED =
  /^(api_key\.(create|update|revoke|delete)|device\.(invite|enroll|delete)|user\.(create|update|delete|set_password|.*2fa_secret)|auth\.(login|terminate_).*)$/

/** Methods that change something by the caller's session. */
const BY_SESSION = new Set(
  [
    ['api_key', 'create update revoke delete'],
    ['auth', 'generate_token terminate_session terminate_other_sessions'],
    ['core', 'subscribe unsubscribe'],
    ['device', 'invite delete'],
    ['user', 'create update delete set_password'],
    ['user', 'renew_2fa_secret confirm_2fa_secret unset_2fa_secret'],
  ].flatMap(([service, names]) => names?.split(' ').map((name) => `${service}.${name}`) ?? []),
)

/** All that a method may answer, in the order in which calls are checked. */
export const faultsOf = (method: Method): readonly FaultCode[] => {
  const { name, access, devices, params, filterable } = method
  const open = isOpen(access)
  return [
    ...new Set<FaultCode>([
      ...(open ? [] : (['NOT_AUTHENTICATED', 'SESSION_EXPIRED'] as const)),
      ...(access === 'anybody' ? (['RATE_LIMITED'] as const) : []),
      ...(open || (access === 'session' && devices) ? [] : (['NOT_AUTHORIZED'] as const)),
      ...(Object.keys(params).length > 0 ? (['INVALID'] as const) : []),
      ...(filterable ? (['MATCH_NOT_FOUND'] as const) : []),
      ...(takesFilters(method) ? (['NOT_COMPARABLE', 'QUERY_TOO_COSTLY'] as const) : []),
      ...(filterable ? (['RESULT_TOO_LARGE'] as const) : []),
      ...(OWN[name] ?? []),
      ...(BY_SESSION.has(name) ? (['RIGHTS_CHANGED'] as const) : []),
      'UNAVAILABLE',
      ...(SETTLED.test(name) ? (['OUTCOME_UNKNOWN'] as const) : []),
      'INTERNAL',
    ]),
  ]
}

/** A rule of a method beyond the schemas of its parameters: `…` stands for what differs. */
export type Rule = readonly [attribute: string, text: string, when: string, errno?: number]

const absent = (named: string, noun: string): Rule => [
  'null',
  `${named} … does not exist`,
  `there is no ${noun} of this id`,
  ERRNO.ENOENT,
]
const absentKey = absent('ApiKey', 'key')
const absentDevice = absent('Device', 'device')
const absentUser = absent('User', 'user')
const unknownUser: Rule = ['username', 'User does not exist.', 'there is no user of this name']
const raw = 'api_key_convert_raw_key'

/** Of what takes proof beside the session. */
const proofRules = (at: string): readonly Rule[] => [
  [
    `${at}.password`,
    'A session alone does not change its second factor: give your password',
    'it is the caller’s own',
  ],
  [`${at}.password`, 'Incorrect password', 'the password is not the caller’s'],
  [
    `${at}.otp_token`,
    'A session alone does not change its second factor: give a code of the present one, or a recovery code',
    'the caller has one in force',
  ],
  [
    `${at}.otp_token`,
    'Incorrect code',
    'it is neither a code of the present factor nor a recovery code',
  ],
]

export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  'api_key.create': [
    ['api_key_create', 'name must be unique', 'another key of the tenant has this name'],
    ['api_key_create', 'Expiration date is in the past', 'the key would be dead at once'],
    ['api_key_create', 'User does not exist.', 'there is no user of this name'],
    ['api_key_create', 'User lacks privilege role membership.', 'the user has no role at all'],
  ],
  'api_key.update': [
    ['api_key_update.grace_seconds', 'Goes with `reset` only', 'there is no old secret to keep'],
    ['api_key_update.idempotency_key', 'Goes with `reset` only', 'nothing is shown once'],
    ['api_key_update', 'name must be unique', 'another key of the tenant has this name'],
    [
      'api_key_update',
      'Expiration date is in the past',
      'also for a reset of an expired key: give it a new expiry in the same call',
    ],
    ['api_key_update', 'User does not exist.', 'the user of the key was deleted'],
  ],
  'api_key.revoke': [absentKey],
  'api_key.delete': [absentKey],
  'api_key.get_instance': [absentKey],
  'api_key.convert_raw_key': [
    [raw, 'Not a valid raw API key', 'the text does not look like a key, or has a typing error'],
    [raw, 'Key does not exist.', 'it is no key of this tenant, or its secret is wrong'],
    [raw, 'Key is ….', 'the secret is right, but the key is expired or revoked'],
  ],
  'auth.login_ex': [
    ['login_data.mechanism', 'SCRAM came with API version v26.0.0', 'an older version is spoken'],
  ],
  'core.subscribe': [['event', '…: no such event; there are …', 'there is no event of this name']],
  'device.invite': [
    ['device_invite', 'name must be unique', 'a key or device of the tenant has this name'],
    [
      'device_invite',
      'User … was not made by enrolment: delete it first',
      'a user of this name is from before it was reserved; devices would get its rights',
    ],
  ],
  'device.enroll': [
    [
      'device_enroll.name',
      'The token names no device: give a name',
      'neither the token nor the device says what it is called',
    ],
    ['device_enroll.name', 'The token is for a device of another name', 'give that name, or none'],
    ['device_enroll', 'name must be unique', 'a key or device of the tenant has this name'],
  ],
  'device.get_instance': [absentDevice],
  'device.delete': [absentDevice],
  'user.get_instance': [absentUser],
  'user.create': [
    [
      'user_create.username',
      'A user with this username already exists',
      'another user of the tenant has this name',
    ],
  ],
  'user.update': [
    absentUser,
    ['user_update.locked', 'You can not lock yourself', 'the caller means themselves'],
    ['user_update.roles', 'You can not take roles from yourself', 'the caller means themselves'],
    [
      'user_update.password',
      'Use user.set_password for your own password',
      'the caller means themselves',
    ],
  ],
  'user.delete': [
    absentUser,
    ['user_delete', 'You can not delete yourself', 'the caller means themselves'],
  ],
  'user.set_password': [
    unknownUser,
    [
      'set_password_data.old_password',
      'Incorrect password',
      'one’s own password takes the old one',
    ],
  ],
  'user.renew_2fa_secret': [unknownUser],
  'user.confirm_2fa_secret': [
    unknownUser,
    [
      'username',
      'No new second factor waits for a code: make one first.',
      'user.renew_2fa_secret was not called within the last hour',
    ],
    ['twofactor_confirm.code', 'Incorrect code', 'it is no code of the new second factor'],
    ...proofRules('twofactor_confirm'),
  ],
  'user.unset_2fa_secret': [unknownUser, ...proofRules('twofactor_unset')],
}

/** What the schemas of parameters say, whatever the method. */
export const SCHEMA_TEXTS: readonly (readonly [text: string, when: string])[] = [
  ['Field required', 'a member or parameter is missing'],
  ['Extra inputs are not permitted', 'a member that does not exist'],
  ['Too many arguments (expected …, found …)', 'more parameters than the method has'],
  ['Input should be a valid string', 'and so for integer, boolean, list, dictionary'],
  ['Input should be a valid datetime', 'a date that is not {"$date": milliseconds}'],
  ['String should have at least … characters', 'or at most; one is “1 character”'],
  ['List should have at most … items', 'or at least'],
  ['Input should be greater than or equal to …', 'or less'],
  ["Input should be '…' or '…'", 'a value that is none of those named'],
]
