// The npm package jose as a verifier of tokens that is not ours and not of Go. It reads one request a line from standard input
// and writes what became of it, on one line. It finds the keys by OpenID discovery, as clouds do; a verifier that was named before
// keeps the key set that it has.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createInterface } from 'node:readline';

const sets = new Map();

async function keysOf({ verifier, issuer }) {
  if (!sets.has(verifier)) {
    const answer = await fetch(issuer.replace(/\/$/, '') + '/.well-known/openid-configuration');
    const config = await answer.json();
    if (config.issuer !== issuer) throw new Error(`the document at ${issuer} is of ${config.issuer}`);
    // It fetches the set anew when a token names a key that it does not know, without waiting for half a minute.
    sets.set(verifier, createRemoteJWKSet(new URL(config.jwks_uri), { cooldownDuration: 0, cacheMaxAge: Infinity }));
  }
  return sets.get(verifier);
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let result;
  try {
    const { issuer, audience, token } = request;
    const { payload, protectedHeader } = await jwtVerify(token, await keysOf(request), { issuer, audience });
    result = { subject: payload.sub, kid: protectedHeader.kid };
  } catch (e) {
    result = { error: e.code ?? String(e) };
  }
  console.log(JSON.stringify(result));
}
