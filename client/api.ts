/** Generated from the registry of methods by `npm run client`: change that, not this. */

/** The version of the API that this describes: the last part of an address to connect to. */
export const VERSION = 'v26.0.0'

/** Conditions, all of which hold. */
export type Filters = readonly Filter[]
/** A condition; or several, any of which holds (each may be a list, all of which hold). */
export type Filter =
  | readonly [field: string, operator: Operator, value: unknown]
  | readonly ['OR', readonly (Filter | Filters)[]]
/** With a `C` before it, an operator makes no difference between upper and lower case. */
export type Operator = '~' | Plain | `C${Plain}`
/** The rows; one row with the option `get`, their number with `count`, parts of them with `select`. */
export type QueryResult<Row> = Row[] | Partial<Row>[] | Row | Partial<Row> | number

type Plain =
  | '='
  | '!='
  | '>'
  | '>='
  | '<'
  | '<='
  | 'in'
  | 'nin'
  | 'rin'
  | 'rnin'
  | '^'
  | '!^'
  | '$'
  | '!$'

export type QueryOptions = {
  /** Options of single methods; this service has none. */
  readonly extra?: Record<string, unknown>
  /** Fields to sort by; of several, the last counts most. `-` before one turns it round; `nulls_first:` and `nulls_last:` before that say where nulls go, without which they are an error. */
  readonly order_by?: ReadonlyArray<string>
  /** Fields to keep: `"field"`, `"field.inner"`, or `["field", "new name"]`. */
  readonly select?: ReadonlyArray<string | ReadonlyArray<unknown>>
  /** The number of matches, whatever `limit` and `offset` say. */
  readonly count?: boolean
  /** The first match alone. No match is an error. */
  readonly get?: boolean
  /** Matches to leave out at the beginning. */
  readonly offset?: number
  /** Matches to return, at most 10000; 0 is all of them. */
  readonly limit?: number
  /** Accepted for compatibility. It has no effect: there is no SQL here. */
  readonly force_sql_filters?: boolean
}

export type ApiKey = {
  readonly id: number
  readonly name: string
  readonly username: string | null
  readonly user_identifier: number | string
  /** masked; up to v25.10.0 */
  readonly keyhash?: string
  /** from v26.0.0 */
  readonly iterations?: number
  /** masked, but for the answer that shows the key; from v26.0.0 */
  readonly salt?: string
  /** as salt; from v26.0.0 */
  readonly stored_key?: string
  /** as salt; from v26.0.0 */
  readonly server_key?: string
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly local: boolean
  readonly revoked: boolean
  /** from v25.10.0 */
  readonly revoked_reason?: string | null
  /** the raw key: at create and reset only, this once */
  readonly key?: string
  /** beside `key`; from v26.0.0 */
  readonly client_key?: string
}

export type User = {
  readonly id: number
  readonly username: string
  readonly full_name: string
  /** as given; what they include is not listed */
  readonly roles: Array<string>
  readonly locked: boolean
  readonly source: 'LOCAL'
  readonly local: boolean
  /** ids of the user’s keys */
  readonly api_keys: Array<number>
  readonly password_disabled: boolean
  readonly twofactor_auth_configured: boolean
  /** there if others set the password or made keys of the user, with fewer rights than all: those never go beyond what their makers might hand out; an extension of Keyharbor, since 0.1.0 */
  readonly planted?: {
    readonly password: boolean
    /** ids of those keys */
    readonly api_keys: Array<number>
  }
}

export type Me = {
  readonly pw_name: string
  readonly pw_gecos: string
  readonly pw_dir: string
  readonly pw_shell: string
  readonly pw_uid: number
  readonly pw_gid: number
  readonly grouplist: Array<number>
  readonly sid: string | null
  readonly source: 'LOCAL'
  readonly local: boolean
  readonly attributes: Record<string, unknown>
  readonly two_factor_config: {
    readonly provisioning_uri: string | null
    readonly secret_configured: boolean
    readonly interval: number
    readonly otp_digits: number
  }
  readonly account_attributes: Array<string>
  readonly privilege: {
    readonly roles: Set<string>
    readonly allowlist: Array<{
      readonly method: string
      readonly resource: string
    }>
    readonly web_shell: boolean
    readonly webui_access: boolean
  }
  /** an extension of Keyharbor, since 0.1.0 */
  readonly tries: {
    readonly known_networks: {
      readonly left: number
      readonly wrong: number
      readonly last_from: string | null
      readonly until: Date | null
    }
    readonly other_networks: {
      readonly left: number
      readonly wrong: number
      readonly last_from: string | null
      readonly until: Date | null
    }
  } | null
}

export type Session = {
  readonly id: string
  /** the caller’s own */
  readonly current: boolean
  readonly internal: false
  /** network address of the client */
  readonly origin: string
  readonly credentials: 'API_KEY' | 'LOGIN_PASSWORD' | 'LOGIN_TWOFACTOR' | 'TOKEN'
  readonly credentials_data: {
    readonly username: string
    /** the key that opened the session, if one did */
    readonly api_key?: {
      readonly id: number
      readonly name: string
    }
    readonly login_id: string
    /** absent with TOKEN */
    readonly login_at?: Date
    /** with TOKEN: the login that made the token */
    readonly parent?: {
      readonly credentials: 'API_KEY' | 'LOGIN_PASSWORD' | 'LOGIN_TWOFACTOR' | 'TOKEN' | null
      readonly credentials_data: {
        readonly username: string
        /** the key that opened the session, if one did */
        readonly api_key?: {
          readonly id: number
          readonly name: string
        }
      }
    }
  }
  readonly created_at: Date
  readonly secure_transport: boolean
}

export type Job = Record<string, unknown>

export type Device = {
  readonly id: number
  readonly name: string
  readonly model: string | null
  readonly serial: string | null
  readonly version: string | null
  readonly enrolled_at: Date
  readonly enrolled_from: string
  readonly invited_by: string
  readonly last_seen_at: Date | null
  readonly expires_at: Date | null
  readonly revoked: boolean
}

/** Parameters by position, and the result; `row` is what a query lists. */
export type Methods = {
  /** Turns a raw key of this tenant into SCRAM's keys, for clients that keep those instead. */
  'api_key.convert_raw_key': {
    params: [raw_key: string]
    result: {
      readonly api_key_id: number
      readonly iterations: number
      readonly salt: string
      readonly client_key: string
      readonly stored_key: string
      readonly server_key: string
    }
  }
  /** Makes a key for a user. The answer shows it, this once. */
  'api_key.create': {
    params: [
      api_key_create: {
        readonly name: string
        readonly username: string
        readonly expires_at?: Date | null
        /** a name for this call, of the caller’s making, such as a random one: for 24 hours a repeat with it changes nothing; an extension of Keyharbor, since 0.1.0 */
        readonly idempotency_key?: string | null
      },
    ]
    result: ApiKey
  }
  /** Deletes a key: from the answer on it passes no check, and its sockets are closed. */
  'api_key.delete': {
    params: [id: number]
    result: true
  }
  /** Shows one key. Secrets are masked. */
  'api_key.get_instance': {
    params: [id: number, options?: QueryOptions]
    result: ApiKey
  }
  /** When keys last logged in on a socket, to the hour. Keys that never did are left out. (An extension of Keyharbor, since 0.1.0.) */
  'api_key.last_used': {
    params: [ids: ReadonlyArray<number>]
    result: Array<{
      readonly id: number
      readonly last_used_at: Date
    }>
  }
  /** Lists the caller's own keys. */
  'api_key.my_keys': {
    params: []
    result: Array<ApiKey>
  }
  /** Lists the keys of all the tenant's users. Secrets are masked. */
  'api_key.query': {
    params: [filters?: Filters, options?: QueryOptions]
    result: QueryResult<ApiKey>
    row: ApiKey
  }
  /** Revokes a key: from the answer on it passes no check, and its sockets are closed. A reset brings it back, with a new secret. (An extension of Keyharbor, since 0.1.0.) */
  'api_key.revoke': {
    params: [
      id: number,
      api_key_revoke?: {
        readonly reason?: string
      },
    ]
    result: ApiKey
  }
  /** Renames a key, changes its expiry, or resets it: a new secret, shown this once. */
  'api_key.update': {
    params: [
      id: number,
      api_key_update: {
        readonly name?: string
        readonly expires_at?: Date | null
        readonly reset?: boolean
        /** how long the old secret stays good, in seconds; an extension of Keyharbor, since 0.1.0 */
        readonly grace_seconds?: number
        /** a name for this call, of the caller’s making, such as a random one: for 24 hours a repeat with it changes nothing; an extension of Keyharbor, since 0.1.0 */
        readonly idempotency_key?: string | null
      },
    ]
    result: ApiKey
  }
  /** Makes a token that logs in again as the caller. Its time runs from the last use, and ends with the session’s login. */
  'auth.generate_token': {
    params: [
      ttl?: number | null,
      attrs?: {
        readonly job?: number
      },
      match_origin?: boolean,
      single_use?: boolean,
    ]
    result: string
  }
  /** Logs in by a password, for clients of 25.x. False if that fails, or a code is missing. */
  'auth.login': {
    params: [username: string, password: string, otp_token?: string | null]
    result: boolean
  }
  /** Logs in by a mechanism. A refusal is an answer, not an error. */
  'auth.login_ex': {
    params: [
      login_data:
        | {
            readonly mechanism: 'API_KEY_PLAIN'
            readonly username: string
            readonly api_key: string
            readonly login_options?: {
              readonly user_info?: boolean
              readonly reconnect_token?: boolean
            }
          }
        | {
            readonly mechanism: 'PASSWORD_PLAIN'
            readonly username: string
            readonly password: string
            readonly login_options?: {
              readonly user_info?: boolean
              readonly reconnect_token?: boolean
            }
          }
        | {
            readonly mechanism: 'TOKEN_PLAIN'
            readonly token: string
            readonly login_options?: {
              readonly user_info?: boolean
              readonly reconnect_token?: boolean
            }
          }
        | {
            readonly mechanism: 'OTP_TOKEN'
            readonly otp_token: string
            readonly login_options?: {
              readonly user_info?: boolean
              readonly reconnect_token?: boolean
            }
          }
        | {
            readonly mechanism: 'SCRAM'
            readonly scram_type: 'CLIENT_FIRST_MESSAGE' | 'CLIENT_FINAL_MESSAGE'
            readonly rfc_str: string
          },
    ]
    result:
      | {
          readonly response_type: 'SUCCESS'
          readonly user_info: Me | null
          readonly authenticator: 'LEVEL_1'
          /** from v26.0.0 */
          readonly reconnect_token?: string | null
        }
      | {
          readonly response_type: 'AUTH_ERR'
        }
      | {
          readonly response_type: 'EXPIRED'
        }
      | {
          readonly response_type: 'DENIED'
        }
      | {
          readonly response_type: 'OTP_REQUIRED'
          readonly username: string
        }
      | {
          readonly response_type: 'SCRAM_RESPONSE'
          readonly scram_type: 'SERVER_FIRST_RESPONSE' | 'SERVER_FINAL_RESPONSE'
          readonly rfc_str: string
          readonly user_info: Me | null
        }
  }
  /** Goes on with a login that asked for a second factor. */
  'auth.login_ex_continue': {
    params: [
      login_data: {
        readonly mechanism: 'OTP_TOKEN'
        readonly otp_token: string
        readonly login_options?: {
          readonly user_info?: boolean
          readonly reconnect_token?: boolean
        }
      },
    ]
    result:
      | {
          readonly response_type: 'SUCCESS'
          readonly user_info: Me | null
          readonly authenticator: 'LEVEL_1'
          /** from v26.0.0 */
          readonly reconnect_token?: string | null
        }
      | {
          readonly response_type: 'AUTH_ERR'
        }
      | {
          readonly response_type: 'EXPIRED'
        }
      | {
          readonly response_type: 'DENIED'
        }
      | {
          readonly response_type: 'OTP_REQUIRED'
          readonly username: string
        }
      | {
          readonly response_type: 'SCRAM_RESPONSE'
          readonly scram_type: 'SERVER_FIRST_RESPONSE' | 'SERVER_FINAL_RESPONSE'
          readonly rfc_str: string
          readonly user_info: Me | null
        }
  }
  /** Logs in by a key alone, for clients of 25.x and most others. */
  'auth.login_with_api_key': {
    params: [api_key: string]
    result: boolean
  }
  /** Logs in by a token of `auth.generate_token`. */
  'auth.login_with_token': {
    params: [token: string]
    result: boolean
  }
  /** Ends the session, its subscriptions and its tokens. The socket stays open for another login. */
  'auth.logout': {
    params: []
    result: true
  }
  /** Who the caller is, and what they may do. */
  'auth.me': {
    params: []
    result: Me
  }
  /** Names the mechanisms that `auth.login_ex` takes. */
  'auth.mechanism_choices': {
    params: []
    result: Array<string>
  }
  /** Lists the sessions of the tenant's users. */
  'auth.sessions': {
    params: [filters?: Filters, options?: QueryOptions]
    result: QueryResult<Session>
    row: Session
  }
  /** Ends all sessions of the tenant's users but the caller's, and their tokens. */
  'auth.terminate_other_sessions': {
    params: []
    result: true
  }
  /** Ends a session and closes its socket. False if there is no such session. */
  'auth.terminate_session': {
    params: [id: string]
    result: boolean
  }
  /** Lists jobs. No method of this service is a job yet, so the list is empty. */
  'core.get_jobs': {
    params: [filters?: Filters, options?: QueryOptions]
    result: QueryResult<Job>
    row: Job
  }
  /** Describes the methods that the caller may call: parameters and results as JSON Schema, roles. */
  'core.get_methods': {
    params: [service?: string | null, target?: 'WS' | 'CLI' | 'REST']
    result: Record<string, Record<string, unknown>>
  }
  /** Names the services, which are the first parts of the methods’ names. */
  'core.get_services': {
    params: [target?: 'WS' | 'CLI' | 'REST']
    result: Record<
      string,
      {
        readonly type: 'crud' | 'service'
      }
    >
  }
  /** Answers "pong". Keeps a socket from being closed for idleness. */
  'core.ping': {
    params: []
    result: 'pong'
  }
  /** The first call of every client: settles options of the connection. */
  'core.set_options': {
    params: [
      options?: {
        readonly legacy_jobs?: boolean
        readonly private_methods?: boolean
        readonly py_exceptions?: boolean
      },
    ]
    result: {
      readonly legacy_jobs: boolean
      readonly private_methods: boolean
      readonly py_exceptions: boolean
    } | null
  }
  /** Subscribes to an event; `*` is all that the caller may hear. Answers an id. */
  'core.subscribe': {
    params: [event: string]
    result: string
  }
  /** Ends a subscription. An id that is unknown is no error. */
  'core.unsubscribe': {
    params: [id: string]
    result: null
  }
  /** Deletes a device and its key, which passes no check from the answer on; its sockets are closed. (An extension of Keyharbor, since 0.1.0.) */
  'device.delete': {
    params: [id: number]
    result: true
  }
  /** Gives a device its own key for the token of `device.invite`. The answer shows it, this once. (An extension of Keyharbor, since 0.1.0.) */
  'device.enroll': {
    params: [
      device_enroll: {
        readonly token: string
        readonly name?: string | null
        readonly model?: string | null
        readonly serial?: string | null
        readonly version?: string | null
        /** a name for this call, of the caller’s making, such as a random one: for 24 hours a repeat with it changes nothing; an extension of Keyharbor, since 0.1.0 */
        readonly idempotency_key?: string | null
      },
    ]
    result: {
      readonly id: number
      readonly name: string
      readonly username: string | null
      readonly key: string
    }
  }
  /** Shows one device. (An extension of Keyharbor, since 0.1.0.) */
  'device.get_instance': {
    params: [id: number, options?: QueryOptions]
    result: Device
  }
  /** Makes a token by which one device enrols, once. The answer shows it, this once. (An extension of Keyharbor, since 0.1.0.) */
  'device.invite': {
    params: [
      device_invite?: {
        readonly name?: string | null
        readonly ttl?: number
        /** a name for this call, of the caller’s making, such as a random one: for 24 hours a repeat with it changes nothing; an extension of Keyharbor, since 0.1.0 */
        readonly idempotency_key?: string | null
      },
    ]
    result: {
      readonly token: string
      readonly name: string | null
      readonly expires_at: Date
    }
  }
  /** Lists the tenant's devices. (An extension of Keyharbor, since 0.1.0.) */
  'device.query': {
    params: [filters?: Filters, options?: QueryOptions]
    result: QueryResult<Device>
    row: Device
  }
  /** Puts a new second factor in force, by a code of it. For oneself it takes the password too, and a code of the factor before. Ends the user’s other sessions by password. The answer shows recovery codes, this once. (An extension of Keyharbor, since 0.1.0.) */
  'user.confirm_2fa_secret': {
    params: [
      username: string,
      twofactor_confirm: {
        readonly code: string
        readonly password?: string | null
        readonly otp_token?: string | null
      },
    ]
    result: {
      readonly recovery_codes: Array<string>
    }
  }
  /** Adds a user. Nobody hands out roles that they lack. */
  'user.create': {
    params: [
      user_create: {
        readonly username: string
        readonly full_name: string
        /** TrueNAS gives roles by groups; an extension of Keyharbor, since 0.1.0 */
        readonly roles?: ReadonlyArray<string>
        /** null: no login by password. A session that a key opened sets none */
        readonly password?: string | null
        readonly locked?: boolean
        /** a name for this call, of the caller’s making, such as a random one: for 24 hours a repeat with it changes nothing; an extension of Keyharbor, since 0.1.0 */
        readonly idempotency_key?: string | null
      },
    ]
    result: User
  }
  /** Deletes a user. None of their keys passes from the answer on; those of a user with many are shown as revoked some minutes later. */
  'user.delete': {
    params: [id: number, options?: Record<string, never>]
    result: number
  }
  /** Shows one user. */
  'user.get_instance': {
    params: [id: number, options?: QueryOptions]
    result: User
  }
  /** Lists the tenant's users. */
  'user.query': {
    params: [filters?: Filters, options?: QueryOptions]
    result: QueryResult<User>
    row: User
  }
  /** Makes a new second factor for a user, which counts once `user.confirm_2fa_secret` was shown a code of it. The answer shows how to set it up, this once. */
  'user.renew_2fa_secret': {
    params: [
      username: string,
      twofactor_options?: {
        readonly otp_digits?: number
        readonly interval?: 30 | 60
      },
    ]
    result: {
      readonly id: number
      readonly username: string
      readonly full_name: string
      /** as given; what they include is not listed */
      readonly roles: Array<string>
      readonly locked: boolean
      readonly source: 'LOCAL'
      readonly local: boolean
      /** ids of the user’s keys */
      readonly api_keys: Array<number>
      readonly password_disabled: boolean
      readonly twofactor_auth_configured: boolean
      /** there if others set the password or made keys of the user, with fewer rights than all: those never go beyond what their makers might hand out; an extension of Keyharbor, since 0.1.0 */
      readonly planted?: {
        readonly password: boolean
        /** ids of those keys */
        readonly api_keys: Array<number>
      }
      readonly twofactor_config: {
        readonly provisioning_uri: string | null
        readonly secret_configured: boolean
        readonly interval: number
        readonly otp_digits: number
      }
    }
  }
  /** Sets a password: the own one with the old one, another’s with ACCOUNT_WRITE. */
  'user.set_password': {
    params: [
      set_password_data: {
        readonly username: string
        readonly old_password?: string | null
        readonly new_password: string
      },
    ]
    result: null
  }
  /** Takes a user’s second factor away. For oneself it takes the password and a code. Ends the user’s other sessions by password. */
  'user.unset_2fa_secret': {
    params: [
      username: string,
      twofactor_unset?: {
        readonly password?: string | null
        readonly otp_token?: string | null
      },
    ]
    result: null
  }
  /** Changes a user. Lock and roles hold for all their keys when the answer comes. */
  'user.update': {
    params: [
      id: number,
      user_update: {
        readonly full_name?: string
        /** TrueNAS gives roles by groups; an extension of Keyharbor, since 0.1.0 */
        readonly roles?: ReadonlyArray<string>
        readonly password?: string | null
        readonly locked?: boolean
      },
    ]
    result: User
  }
}

/** What a subscription to an event tells of. */
export type Events = {
  /** A key was added, changed or removed. Never carries a secret. */
  'api_key.query': ApiKey
  /** A device enrolled, its key was changed, or it was removed. Not that it was seen. (An extension of Keyharbor, since 0.1.0.) */
  'device.query': Device
  /** A job was added or changed. There are no jobs yet, so nothing is ever sent. */
  'core.get_jobs': Job
}
