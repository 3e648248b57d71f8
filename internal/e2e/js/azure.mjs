// Microsoft's own JavaScript libraries, as second clients of our Key Vault and our login. It reads one request from standard
// input and writes what became of it to standard output.
import { ClientSecretCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { readFileSync } from 'node:fs';

const request = JSON.parse(readFileSync(0, 'utf8'));
const value = request.value && Buffer.from(request.value, 'base64');
const algorithm = request.algorithm ?? 'RSA-OAEP-256';
const retryOptions = { maxRetries: 0 };
const credential = new ClientSecretCredential(request.tenant, request.client, request.secret, { retryOptions });
const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const cryptography = () => new CryptographyClient(request.id, credential, { retryOptions });
const keys = () => new KeyClient(request.vault, credential, { retryOptions });

const operations = {
  async wrap() {
    const { result, keyID } = await cryptography().wrapKey(algorithm, value);
    return { value: base64(result), id: keyID };
  },
  async unwrap() {
    const { result, keyID } = await cryptography().unwrapKey(algorithm, value);
    return { value: base64(result), id: keyID };
  },
  async encrypt() {
    const { result, keyID } = await cryptography().encrypt({ algorithm, plaintext: value });
    return { value: base64(result), id: keyID };
  },
  async decrypt() {
    const { result, keyID } = await cryptography().decrypt({ algorithm, ciphertext: value });
    return { value: base64(result), id: keyID };
  },
  async get() {
    const key = await keys().getKey(request.name);
    return { id: key.id, type: key.keyType, bits: key.key.n.length * 8, enabled: key.properties.enabled };
  },
  async deleted() {
    const key = await keys().getDeletedKey(request.name);
    return { id: key.id, purge: key.properties.scheduledPurgeDate };
  },
  async rotation() {
    const policy = await keys().getKeyRotationPolicy(request.name);
    return { actions: policy.lifetimeActions.map((a) => `${a.action} ${a.timeAfterCreate ?? a.timeBeforeExpiry}`) };
  },
};

try {
  console.log(JSON.stringify(await operations[request.operation]()));
} catch (error) {
  const inner = error.details?.error?.innererror ?? error.details?.error?.innerError;
  console.log(JSON.stringify({
    error: error.name,
    status: error.statusCode,
    code: error.code ?? error.errorResponse?.error,
    inner: inner?.code,
    message: error.message,
  }));
}
