// Makes tokens with the npm package jose, for verifiers that are not its own: from standard input an array of
//
//	{"alg": "EdDSA", "bits": 2048, "header": {…}, "claims": {…}}
//
// to standard output the key set and, in the same order, a token of each: {"jwks": {"keys": […]}, "tokens": […]}. Each has a key
// of its own, whose kid is its number. The members of header are beside alg and kid, or in their place.
import { generateKeyPair, exportJWK, SignJWT } from "jose";

async function readAll(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

const keys = [];
const tokens = [];
for (const { alg, bits, header, claims } of JSON.parse(await readAll(process.stdin))) {
  const kid = String(keys.length);
  const { publicKey, privateKey } = await generateKeyPair(alg, { modulusLength: bits });
  keys.push({ ...(await exportJWK(publicKey)), alg, kid, use: "sig" });
  tokens.push(await new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey, { crit: { b64: true, mine: true } }));
}
console.log(JSON.stringify({ jwks: { keys }, tokens }));
