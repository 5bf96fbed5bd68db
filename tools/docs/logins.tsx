/** The ways to log in. */
import { isAtLeast } from '../../shared/rpc/versions.ts'
import { Exchange } from './json.tsx'
import { type Edition, hrefOf, versionOf } from './layout.tsx'

export const Logins = ({ edition }: { readonly edition: Edition }) => {
  const from26 = isAtLeast(versionOf(edition), 'v26.0.0')
  const method = 'auth.login_ex'
  const login_options = { user_info: false }
  const success = {
    result: {
      response_type: 'SUCCESS',
      user_info: null,
      authenticator: 'LEVEL_1',
      ...(from26 && { reconnect_token: null }),
    },
  }
  return (
    <>
      <h2 id="login">Logging in</h2>
      <p>
        By <a href={hrefOf(edition, 'methods/auth.login_ex.html')}>{method}</a>, which takes several
        mechanisms. A refusal is an answer, not an error: <code>AUTH_ERR</code>, or{' '}
        <code>EXPIRED</code> for a right key that is expired or revoked. Older clients use{' '}
        <code>auth.login_with_api_key</code> and <code>auth.login</code>, which answer true or
        false.
      </p>
      <h3 id="login-key">By an API key</h3>
      <Exchange
        method={method}
        params={[
          {
            mechanism: 'API_KEY_PLAIN',
            username: 'ada',
            api_key: '1000000001-(secret)',
            login_options,
          },
        ]}
        answer={success}
      />
      <h3 id="login-password">By a password, and a second factor</h3>
      <p>
        The name says which tenant: <code>user@tenant</code>. Where the user has a second factor,
        the answer is <code>OTP_REQUIRED</code>, and the code comes in a call of its own.
      </p>
      <Exchange
        method={method}
        params={[
          {
            mechanism: 'PASSWORD_PLAIN',
            username: 'ada@acme',
            password: '(password)',
            login_options,
          },
        ]}
        answer={{ result: { response_type: 'OTP_REQUIRED', username: 'ada@acme' } }}
      />
      <Exchange
        method="auth.login_ex_continue"
        params={[{ mechanism: 'OTP_TOKEN', otp_token: '(code)', login_options }]}
        answer={success}
      />
      <h3 id="login-token">By a token</h3>
      <p>
        <code>auth.generate_token</code> makes one for the session
        {from26 && ', and a login with the option '}
        {from26 && <code>reconnect_token</code>}
        {from26 &&
          ' answers one that is good once, for ten minutes: for coming back after a lost connection'}
        .
      </p>
      <Exchange
        method={method}
        params={[{ mechanism: 'TOKEN_PLAIN', token: '(token)', login_options }]}
        answer={success}
      />
      {from26 && <Scram />}
    </>
  )
}

// ---------------------------------------------------------------------------------------------

/** The message's texts are shortened: what they hold is RFC 5802's. */
const Scram = () => (
  <>
    <h3 id="login-scram">By a key, without sending it (SCRAM)</h3>
    <p>
      SCRAM-SHA-512 after RFC 5802: the client proves that it has the key, and the service that it
      knows it. The name in the message is <code>user:id</code>, with the number before the key’s
      dash; the password is the 64 characters behind it. Two things are TrueNAS’s own: nonces are 32
      bytes in base64, and the service’s first answer has both nonces’ bytes, one after the other,
      in one base64 text. With <code>p=tls-server-end-point</code> (RFC 5929) instead of{' '}
      <code>n</code> the proof holds for this TLS certificate alone.
    </p>
    <Exchange
      method="auth.login_ex"
      params={[
        {
          mechanism: 'SCRAM',
          scram_type: 'CLIENT_FIRST_MESSAGE',
          rfc_str: 'n,,n=ada:1000000001,r=(nonce)',
        },
      ]}
      answer={{
        result: {
          response_type: 'SCRAM_RESPONSE',
          scram_type: 'SERVER_FIRST_RESPONSE',
          rfc_str: 'r=(both nonces),s=(salt),i=50000',
          user_info: null,
        },
      }}
    />
    <Exchange
      method="auth.login_ex"
      params={[
        {
          mechanism: 'SCRAM',
          scram_type: 'CLIENT_FINAL_MESSAGE',
          rfc_str: 'c=biws,r=(both nonces),p=(proof)',
        },
      ]}
      answer={{
        result: {
          response_type: 'SCRAM_RESPONSE',
          scram_type: 'SERVER_FINAL_RESPONSE',
          rfc_str: 'v=(the service’s proof)',
          user_info: { '…': '…' },
        },
      }}
    />
  </>
)
