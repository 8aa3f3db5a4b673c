/**
 * The verifier of the widget, asked in lines of JSON by the tests beside this file.
 *
 *   {"do": "canonical", "text"}                       the canonical form of this JSON
 *   {"do": "multikey", "text"}                        does this Multikey name a key that can sign?
 *   {"do": "signature", "key", "signature", "message"}  in hexadecimal
 *   {"do": "log", "text", "now"}                      who is that?
 *   {"do": "document", "text", "log", "now"}          is that document signed by that identity?
 *
 * Each answer has `error`, null when all is well. `text` is in base64: files may be no text at all.
 */

import {createInterface} from 'node:readline';
import {canonical} from '../../src/localfed/widget/canonical.js';
import {checkSignature, readMultikey} from '../../src/localfed/widget/ed25519.js';
import {parseCanonical, readIdentity} from '../../src/localfed/widget/identity_log.js';
import {checkDocument} from '../../src/localfed/widget/proof.js';

const bytes = text => Uint8Array.from(Buffer.from(text, 'hex'));
// As a browser reads an answer as text, but that bytes which are no text are refused.
const read = text => new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(Buffer.from(text, 'base64'));
const identities = new Map();

const tasks = {
  canonical: async ({text}) => ({canonical: canonical(JSON.parse(read(text)))}),
  multikey: async ({text}) => ({key: Buffer.from(readMultikey(text)).toString('hex')}),
  signature: async ({key, signature, message}) => checkSignature(bytes(key), bytes(signature), bytes(message)),
  log: async ({text, now}) => {
    const identity = await readIdentity(read(text), now);
    return {identity: {...identity, keys: [...identity.keys.keys()]}};
  },
  document: async ({text, log, now, exact}) => {
    if (!identities.has(log)) {
      identities.set(log, await readIdentity(read(log), Date.parse('2026-12-01T00:00:00Z')));
    }
    const document = exact ? parseCanonical(read(text)) : JSON.parse(read(text));
    return {proven: await checkDocument(document, identities.get(log), now)};
  },
};

for await (const line of createInterface({input: process.stdin})) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = {error: null, ...await tasks[request.do](request)};
  } catch (error) {
    answer = {error: `${error.constructor.name}: ${error.message}`};
  }
  console.log(JSON.stringify(answer));
}
