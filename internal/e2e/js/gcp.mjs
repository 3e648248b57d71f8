// Google's own JavaScript client, as a second client of our Cloud KMS. It reads one request from standard input and writes
// what became of it to standard output. It verifies checksums as Google's documentation tells clients to.
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { readFileSync } from 'node:fs';

const castagnoli = new Uint32Array(256).map((_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});

function crc32c(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = castagnoli[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

function check(what, sum, bytes) {
  if (Number(sum.value) !== crc32c(bytes)) throw new Error(`the checksum of the ${what} is wrong`);
}

const operations = {
  async encrypt(client, { name, plaintext, aad }) {
    const [answer] = await client.encrypt({
      name,
      plaintext,
      plaintextCrc32c: { value: crc32c(plaintext) },
      additionalAuthenticatedData: aad,
      additionalAuthenticatedDataCrc32c: { value: crc32c(aad) },
    });
    if (!answer.verifiedPlaintextCrc32c) throw new Error('the checksum of the plaintext did not arrive');
    if (!answer.verifiedAdditionalAuthenticatedDataCrc32c) throw new Error('the checksum of the context did not arrive');
    check('ciphertext', answer.ciphertextCrc32c, answer.ciphertext);
    return { name: answer.name, data: Buffer.from(answer.ciphertext).toString('base64') };
  },

  async decrypt(client, { name, ciphertext, aad, crc }) {
    const [answer] = await client.decrypt({
      name,
      ciphertext,
      ciphertextCrc32c: { value: crc ?? crc32c(ciphertext) },
      additionalAuthenticatedData: aad,
      additionalAuthenticatedDataCrc32c: { value: crc32c(aad) },
    });
    check('plaintext', answer.plaintextCrc32c, answer.plaintext);
    return { primary: answer.usedPrimary, data: Buffer.from(answer.plaintext).toString('base64') };
  },

  async get(client, { name }) {
    const [key] = await client.getCryptoKey({ name });
    return { name: key.primary.name, state: key.primary.state, purpose: key.purpose };
  },

  async permissions(client, { name, permissions }) {
    const [answer] = await client.testIamPermissions({ resource: name, permissions });
    return { permissions: answer.permissions };
  },
};

const request = JSON.parse(readFileSync(0, 'utf8'));
for (const field of ['plaintext', 'ciphertext', 'aad']) {
  if (field in request) request[field] = Buffer.from(request[field] ?? '', 'base64');
}
const client = new KeyManagementServiceClient({ keyFilename: request.credentials });
try {
  console.log(JSON.stringify(await operations[request.operation](client, request)));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, reason: error.reason, message: error.details ?? error.message }));
} finally {
  await client.close();
}
