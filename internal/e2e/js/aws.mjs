// Sends commands to AWS KMS with the official SDK, as a second client: from standard input an array of
//
//	{"command": "Decrypt", "input": {…}}
//
// to standard output, in the same order, what came of each: its output, or {"error": NAME, "status": N}. Bytes are base64 in
// both. Endpoint, region and credentials are taken from the environment, as by any program that uses the SDK.
import * as kms from "@aws-sdk/client-kms";

const byteFields = ["Plaintext", "CiphertextBlob"];

const fromText = (name, value) => (byteFields.includes(name) ? Buffer.from(value, "base64") : value);
const toText = (name, value) => (byteFields.includes(name) ? Buffer.from(value).toString("base64") : value);
const map = (object, f) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, f(name, value)]));

async function readAll(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

const client = new kms.KMSClient({ maxAttempts: 1 });
const results = [];
for (const { command, input } of JSON.parse(await readAll(process.stdin))) {
  try {
    const { $metadata, ...output } = await client.send(new kms[`${command}Command`](map(input, fromText)));
    results.push(map(output, toText));
  } catch (error) {
    results.push({ error: error.name, status: error.$metadata?.httpStatusCode, known: error instanceof kms.KMSServiceException });
  }
}
console.log(JSON.stringify(results));
