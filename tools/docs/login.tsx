/** Logging in, by each mechanism. */
import type { FC } from 'hono/jsx'
import type { Docs } from './model.ts'
import { Code, Frames, methodLink, Note, Section, Table } from './parts.tsx'

export const LoginSection: FC<{ docs: Docs }> = ({ docs }) => {
  const hasScram = docs.isAtLeast('v26.0.0')
  return (
    <Section id="login" title="Logging in">
      <p>
        {methodLink(docs, 'auth.login_ex')} takes one object, whose <code>mechanism</code> says how.
        A refusal is an answer, not an error. A socket that is logged in may log in anew, which
        replaces the session; after {methodLink(docs, 'auth.logout')} it stays open.
      </p>
      <Table
        caption="Mechanisms"
        head={['Mechanism', 'You have']}
        rows={[
          ...(hasScram
            ? [[<a href="#scram">SCRAM</a>, 'a key, which is proven without being sent: best']]
            : []),
          [<a href="#key">API_KEY_PLAIN</a>, 'a key, which is sent'],
          [<a href="#password">PASSWORD_PLAIN</a>, 'a user’s password'],
          [<a href="#code">OTP_TOKEN</a>, 'a one-time code, where the answer was OTP_REQUIRED'],
          [<a href="#token">TOKEN_PLAIN</a>, 'a token that a session has made'],
        ]}
      />
      <Table
        caption="What response_type says"
        head={['response_type', 'Meaning']}
        rows={[
          ['SUCCESS', 'Logged in.'],
          [
            'AUTH_ERR',
            `Refused. Whether the user is unknown or the secret wrong is not told.${hasScram ? '' : ' Also if the user has no role at all.'}`,
          ],
          [
            'EXPIRED',
            'The key is right and has expired; or it was sent unencrypted, and is revoked now.',
          ],
          ...(hasScram
            ? [['DENIED', 'The secret is right, but the user has no role at all.']]
            : []),
          ['OTP_REQUIRED', 'The password is right; now the one-time code is wanted.'],
          ...(hasScram ? [['SCRAM_RESPONSE', 'A message of SCRAM, first or final.']] : []),
        ]}
      />
      <Frames lines={docs.talk['login-refused']} />
      <h3 id="key">With a key</h3>
      <p>
        A raw key is its id, a hyphen and 64 characters. It names its tenant by itself. Here{' '}
        <code>username</code> must be the user of the key, alone or as <code>user@tenant</code>;{' '}
        {methodLink(docs, 'auth.login_with_api_key')} needs the key alone.{' '}
        <code>login_options.user_info</code> set to false keeps the answer short.
      </p>
      <Frames lines={docs.talk['login-key']} />
      <Note title="Over ws:// a key is lost.">This one was right, and is revoked now:</Note>
      <Frames lines={docs.talk['login-plain-http']} />
      <h3 id="password">With a password</h3>
      <p>
        The user is named as <code>user@tenant</code>. Without a tenant the first label of the host
        counts as its name, and else the tenant that the operator made the default.
      </p>
      <Frames lines={docs.talk['login-password']} />
      <h3 id="code">With a second factor</h3>
      <p>
        The code must follow on the same socket within five minutes.{' '}
        {hasScram
          ? 'A wrong code ends the attempt: begin with the password again.'
          : 'A wrong code may be tried again: three in all.'}{' '}
        Each code is good once. A recovery code is good in its place.
      </p>
      <Frames lines={docs.talk['login-code']} />
      <h3 id="token">With a token</h3>
      <p>
        {methodLink(docs, 'auth.generate_token')} makes a token, which logs in with the rights of
        the session that made it, as long as what opened that session holds, and thirty days after
        the login by key or password at the most. Tokens end with the session that made them, if
        that logs out or is ended; one that is good more than once also as soon as a session that
        used it ends. A session has sixteen open ones at the most. Here on another socket:
      </p>
      <Frames lines={docs.talk['login-token']} />
      {hasScram && (
        <>
          <p>
            To come back after a lost connection without keeping a password or key, ask for a
            reconnect token at each login. It is good once, for 10 minutes, from the same address.
          </p>
          <Frames lines={docs.talk.reconnect} />
          <Scram docs={docs} />
        </>
      )}
    </Section>
  )
}

// ---------------------------------------------------------------------------------------------

const Scram: FC<{ docs: Docs }> = ({ docs }) => (
  <>
    <h3 id="scram">With SCRAM</h3>
    <p>
      SCRAM (RFC 5802, with SHA-512) proves a key without sending it, and proves the service to the
      client. The final message must come on the same socket within a minute. An unknown key is told
      only by AUTH_ERR to the final message.
    </p>
    <Frames lines={docs.talk['login-scram']} />
    <p>
      The <code>secret</code> is the part of the key behind the hyphen. The user name in the first
      message is <code>user:key id</code>. All values are base64.
    </p>
    <Code
      label="What the client computes"
      text={`client nonce    = 32 random bytes
first bare      = "n=" user ":" id ",r=" base64(client nonce)
first message   = "n,," first bare

server first    = "r=" base64(client nonce || server nonce) ",s=" base64(salt) ",i=" rounds

salted password = PBKDF2-HMAC-SHA-512(secret, salt, rounds, 64 bytes)
client key      = HMAC-SHA-512(salted password, "Client Key")
stored key      = SHA-512(client key)
server key      = HMAC-SHA-512(salted password, "Server Key")

without proof   = "c=" base64("n,,") ",r=" as in server first
auth message    = first bare "," server first "," without proof
proof           = client key XOR HMAC-SHA-512(stored key, auth message)
final message   = without proof ",p=" base64(proof)

server final    = "v=" base64(HMAC-SHA-512(server key, auth message))`}
    />
    <p>
      The nonce of the service is appended to the bytes of the client’s before base64, unlike in RFC
      5802. Refuse fewer than 50 000 rounds, and a wrong <code>v</code>: then it is not this service
      that you speak to.
    </p>
    <p>
      To bind the login to the TLS channel, begin the first message with{' '}
      <code>p=tls-server-end-point,,</code> instead of <code>n,,</code>, and let <code>c</code> be
      the base64 of those 24 characters followed by the digest of the certificate that the service
      shows (RFC 5929: by the hash of its signature; SHA-256 where that is MD5 or SHA-1).
    </p>
  </>
)
