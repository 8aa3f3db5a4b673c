/**
 * The other implementation: Digital Bazaar's `eddsa-jcs-2022`, asked in lines of JSON.
 *
 * Each line of standard input is a request, each line of standard output its answer, in the same
 * order. All that is needed comes with the request; nothing is looked up anywhere else. The packages
 * are those of the folder that the first argument names (`../node_packages.py` installs them).
 *
 *   {"do": "verify", "text", "documents"}         does the proof of this JSON hold?
 *   {"do": "sign", "text", "seed", "method"}      sign it, with `created` if that is given
 *   {"do": "sign-usually", ...}                   the same by `jsigs.sign`, as its manual shows it
 *   {"do": "reach", "url"}                        try the network: has to fail
 *
 * `documents` are DID documents by their DID, `seed` is 32 bytes in hexadecimal, `method` an id of
 * the form DID#fragment. An answer of "verify" has `verified`, why not (`error`), what the library
 * asked for (`loaded`) and the `milliseconds` it took; one of "sign" the `proof` and the whole
 * document in the canonical form of the library (`text`).
 */

import {createRequire} from 'node:module';
import net from 'node:net';
import {createInterface} from 'node:readline';

// Whatever these packages do: no connection is made from here.
net.Socket.prototype.connect = () => {
  throw new Error('nothing here speaks to another machine');
};

const require = createRequire(`${process.argv[2]}/package.json`);
const jsigs = require('jsonld-signatures');
const {DataIntegrityProof} = require('@digitalbazaar/data-integrity');
const Ed25519Multikey = require('@digitalbazaar/ed25519-multikey');
const {createSignCryptosuite, createVerifyCryptosuite} =
  require('@digitalbazaar/eddsa-jcs-2022-cryptosuite');

const purpose = new jsigs.purposes.AssertionProofPurpose();

/**
 * Answers what a DID resolver would: a DID by its document, a verification method out of it.
 *
 * @param {Object<string, object>} documents - DID documents by their DID.
 * @param {string[]} loaded - Takes the URLs that were asked for.
 */
function loaderOf(documents, loaded) {
  return async url => {
    loaded.push(url);
    const [did, fragment] = url.split('#');
    const whole = Object.hasOwn(documents, did) ? documents[did] : undefined;
    const document = fragment === undefined ?
      whole : whole?.verificationMethod?.find(({id}) => id === url);
    if(document === undefined) {
      throw new Error(`nothing is known of ${url}`);
    }
    // A copy: the library writes into what it is given.
    return {contextUrl: null, documentUrl: url, document: structuredClone(document)};
  };
}

async function verify({text, documents}) {
  const loaded = [];
  const start = performance.now();
  let outcome;
  try {
    outcome = await jsigs.verify(JSON.parse(text), {
      suite: new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()}),
      purpose,
      documentLoader: loaderOf(documents, loaded)
    });
  } catch(error) {
    outcome = {verified: false, error};
  }
  const {verified, error} = outcome;
  return {
    verified,
    error: error ? (error.errors ?? [error]).map(String).join('; ') : null,
    loaded,
    milliseconds: performance.now() - start
  };
}

async function suiteOf({seed, method, created}) {
  const [controller] = method.split('#');
  const key = await Ed25519Multikey.generate(
    {id: method, controller, seed: Buffer.from(seed, 'hex')});
  // Without a date there is no `created`; left open it would be the present moment.
  return new DataIntegrityProof({
    signer: key.signer(), date: created ?? null, cryptosuite: createSignCryptosuite()
  });
}

async function sign(request) {
  const document = JSON.parse(request.text);
  const suite = await suiteOf(request);
  // Not `jsigs.sign`: that adds a context of its own to the document first (see sign-usually).
  const proof = await suite.createProof({
    document, purpose, proofSet: [], documentLoader: loaderOf({}, [])
  });
  return {proof, text: await suite.canonize({...document, proof})};
}

async function signUsually(request) {
  const suite = await suiteOf(request);
  const document = await jsigs.sign(JSON.parse(request.text), {
    suite, purpose, documentLoader: loaderOf({}, [])
  });
  return {proof: document.proof, text: await suite.canonize(document)};
}

async function reach({url}) {
  try {
    await fetch(url);
    return {reached: true, error: null};
  } catch(error) {
    return {reached: false, error: String(error.cause ?? error)};
  }
}

const tasks = {verify, sign, 'sign-usually': signUsually, reach};

for await (const line of createInterface({input: process.stdin})) {
  const request = JSON.parse(line);
  const answer = await tasks[request.do](request);
  process.stdout.write(JSON.stringify(answer) + '\n');
}
