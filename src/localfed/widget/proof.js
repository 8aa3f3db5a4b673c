/**
 * The proof of a document: that whoever it names as its issuer signed it, as it is (spec/04-proofs.md).
 */

import {sha256} from './base58.js';
import {NotProven, canonical, checkPlain, hasExactly, without} from './canonical.js';
import {checkSignature, readSignature} from './ed25519.js';
import {readTime} from './identity_log.js';

const CONTEXT = /^https:\/\/w3id\.org\/localfed\/1\.(0|[1-9]\d{0,2})$/;
const CLOCK_TOLERANCE = 300_000;

/**
 * Checks a document against an identity that was checked before.
 *
 * @param {any} document
 * @param {import('./identity_log.js').Identity} identity
 * @param {number} now - Milliseconds.
 * @returns {Promise<{method: string, updated: string, expires: string}>} Rejects with NotProven.
 */
export async function checkDocument(document, identity, now) {
  checkPlain(document);
  const {proof, issuer, id, updated, expires} = document;
  demand(CONTEXT.test(document['@context']), 'it is of another version');
  // Names stand in canonical form as they are: `@context` at the top, in the proof, and nowhere else.
  demand(canonical(document).split('"@context":').length === 3 &&
    Object.keys(document.ext ?? {}).every(name => name.startsWith('https://')), 'a member has a name that none may have');
  demand(hasExactly(proof, '@context', 'type', 'cryptosuite', 'verificationMethod', 'proofPurpose', 'proofValue') &&
    proof['@context'] === document['@context'] && proof.type === 'DataIntegrityProof' &&
    proof.cryptosuite === 'eddsa-jcs-2022' && proof.proofPurpose === 'assertionMethod', 'its proof has another form');
  demand(issuer === identity.did && typeof id === 'string' && id.startsWith(`${issuer}/`), 'it is issued by somebody else');
  demand(!identity.closed, 'its publisher has closed its identity');
  const key = identity.keys.get(proof.verificationMethod);
  demand(key !== undefined, 'it is signed by a key that its publisher does not name');
  demand(readTime(updated) <= now + CLOCK_TOLERANCE, 'it is of a time that has not come yet');
  demand(readTime(expires) > now, 'its time is over');
  await checkSignature(/** @type {Uint8Array} */ (key), readSignature(proof.proofValue),
    await sha256(canonical(without(proof, 'proofValue'))), await sha256(canonical(without(document, 'proof'))));
  return {method: proof.verificationMethod, updated, expires};
}

/** @param {boolean} isRight @param {string} message */
function demand(isRight, message) {
  if (!isRight) {
    throw new NotProven(message);
  }
}
