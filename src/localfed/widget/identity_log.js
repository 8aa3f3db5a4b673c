/**
 * The identity log: bytes of a did.jsonl in, who that is out. did:webvh 1.0 and our profile of it together
 * (spec/03-identity.md): a log that only another software could have written is refused.
 */

import {decodeBase58, sha256, writeHash} from './base58.js';
import {NotProven, canonical, checkPlain, hasExactly, isObject, without} from './canonical.js';
import {checkSignature, readMultikey, readSignature} from './ed25519.js';

/**
 * @typedef {object} Identity
 * @property {string} did - The first one: what every document is written with.
 * @property {string} scid
 * @property {string} currentDid
 * @property {string} host - What people are shown.
 * @property {string} base
 * @property {Map<string, Uint8Array>} keys - Verification method to public key, of those that may sign now.
 * @property {boolean} closed
 * @property {string} updated
 * @property {string[]} versionIds
 */

const ENTRIES = 200;
const CHARACTERS = 1_048_576;
const KEYS = 8;
const CLOCK_MILLISECONDS = 300_000;
const PLACEHOLDER = '{SCID}';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const CREATED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const DID = /^did:webvh:([1-9A-HJ-NP-Za-km-z]{46}):([a-z0-9.-]+|localhost%3A[1-9]\d{1,4})((?::[A-Za-z0-9._-]+)*)$/;

/** @param {boolean} isRight @param {string} message @returns {asserts isRight} */
function need(isRight, message) {
  if (!isRight) {
    throw new NotProven(message);
  }
}

/**
 * Reads a log and checks all of it (LF-LOG-1 to LF-LOG-17, LF-ID-1 to LF-ID-18).
 *
 * @param {string} text
 * @param {number} now - Milliseconds.
 * @returns {Promise<Identity>} Rejects with NotProven.
 */
export async function readIdentity(text, now) {
  const lines = text.split('\n');
  need(lines.pop() === '' && lines.length > 0, 'the log does not end with a line feed');
  need(lines.length <= ENTRIES && text.length <= CHARACTERS, 'the log is too long');
  /** @type {any[]} */
  const entries = [];
  /** @type {any} */
  let last;
  for (const [index, line] of lines.entries()) {
    last = await readEntry(line, index + 1, entries, now);
    entries.push(last);
  }
  checkSeparation(entries);
  return {
    did: entries[0].did,
    scid: entries[0].scid,
    currentDid: last.did,
    host: last.host,
    base: last.base,
    keys: last.closes ? new Map() : last.keys,
    closed: last.closes,
    updated: last.entry.versionTime,
    versionIds: entries.map(one => one.entry.versionId),
  };
}

/** @param {string} line @param {number} number @param {any[]} before @param {number} now */
async function readEntry(line, number, before, now) {
  const entry = parseCanonical(line);
  need(hasExactly(entry, 'versionId', 'versionTime', 'parameters', 'state', 'proof'), 'an entry has another form');
  const previous = before.at(-1);
  need(!previous?.closes, 'something follows the entry that closes the identity');
  checkTime(entry.versionTime, previous?.entry.versionTime, now);
  const {parameters, state} = entry;
  const closes = checkParameters(parameters, previous?.entry.parameters, number);
  const scid = previous?.scid ?? parameters.scid;
  need(isObject(state), 'an entry has no state');
  const {did, host} = readDid(state.id, scid);
  if (!previous) {
    await checkScid(entry, scid);
  }
  const hash = await writeHash(canonical({...without(entry, 'proof'), versionId: previous?.entry.versionId ?? scid}));
  need(entry.versionId === `${number}-${hash}`, 'the hash of an entry is not that of its content');
  await checkEntryProof(entry, parameters.updateKeys[0]);
  if (previous) {
    const hashes = previous.entry.parameters.nextKeyHashes;
    need(hashes.includes(await writeHash(parameters.updateKeys[0])), 'an update key was not committed to before');
  }
  const first = before[0]?.did ?? did;
  const known = state.alsoKnownAs ?? [];
  need(Array.isArray(known) && known.every(one => typeof one === 'string') &&
    before.every(one => one.did === did || known.includes(one.did)), 'an entry does not name the addresses before it');
  return {entry, scid, did, host, closes, keys: readKeys(state, first), base: readBase(state, first, host)};
}

/** @param {string} line @returns {any} A line that is its own canonical form: so no name is in it twice. */
export function parseCanonical(line) {
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    throw new NotProven('not JSON');
  }
  checkPlain(value);
  need(canonical(value) === line, 'not in canonical form');
  return value;
}

/** @param {unknown} text @returns {number} Milliseconds; NaN for what is no time of the wire. */
export function readTime(text) {
  const time = typeof text === 'string' && TIME.test(text) ? Date.parse(text) : NaN;
  // 30 February is no day, though Date makes one of it.
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === String(text).slice(0, 19) ? time : NaN;
}

/** @param {unknown} text @param {unknown} before @param {number} now */
function checkTime(text, before, now) {
  const time = readTime(text);
  need(time <= now + CLOCK_MILLISECONDS, 'the time of an entry is none, or has not come yet');
  need(before === undefined || time > readTime(before), 'an entry is not later than the one before');
}

/** @param {any} given @param {any} before @param {number} number @returns {boolean} Whether it closes. */
function checkParameters(given, before, number) {
  const closes = before !== undefined && given?.deactivated === true;
  need(before === undefined
    ? hasExactly(given, 'method', 'scid', 'updateKeys', 'nextKeyHashes', 'portable') &&
      given.method === 'did:webvh:1.0' && typeof given.scid === 'string' && given.portable === true
    : hasExactly(given, 'updateKeys', 'nextKeyHashes', ...(closes ? ['deactivated'] : [])),
  'an entry sets other parameters than it may');
  const {updateKeys, nextKeyHashes} = given;
  need(Array.isArray(updateKeys) && updateKeys.length === 1 && Array.isArray(nextKeyHashes), 'an entry has one update key');
  readMultikey(updateKeys[0]);
  need(closes ? nextKeyHashes.length === 0 : number < ENTRIES && [1, 2].includes(nextKeyHashes.length) &&
    new Set(nextKeyHashes).size === nextKeyHashes.length && nextKeyHashes.every(isHash), 'an entry commits to one or two keys');
  return closes;
}

/** @param {unknown} text */
function isHash(text) {
  const bytes = typeof text === 'string' ? decodeBase58(text) : null;
  return bytes?.length === 34 && bytes[0] === 0x12 && bytes[1] === 0x20;
}

/** @param {unknown} text @param {string} scid */
function readDid(text, scid) {
  const match = DID.exec(String(text));
  need(match !== null && typeof text === 'string' && text.length <= 512 && match[1] === scid, 'a DID is not one of this log');
  const host = match[2].replace('%3A', ':');
  need(host.startsWith('localhost:') || isHost(host), 'a DID names no host');
  checkSegments(match[3].split(':').slice(1));
  return {did: text, host};
}

/** @param {string} host */
function isHost(host) {
  const labels = host.split('.');
  try {
    return host.length <= 253 && labels.every(label => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
      labels.length > 1 && !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '') && new URL(`https://${host}`).hostname === host;
  } catch {
    return false;
  }
}

/** @param {string[]} segments */
function checkSegments(segments) {
  need(segments[0] !== '.well-known' && segments.every(one => /^[A-Za-z0-9._-]+$/.test(one) && one !== '.' && one !== '..'),
    'an address has an unusual path');
  return segments;
}

/** The SCID is the hash of the first entry with its placeholder back in place. @param {any} entry @param {string} scid */
async function checkScid(entry, scid) {
  const unsigned = without(entry, 'proof');
  need(!canonical(unsigned).includes(PLACEHOLDER), 'the first entry holds the text {SCID}');
  const text = canonical({...unsigned, versionId: PLACEHOLDER}).replaceAll(scid, PLACEHOLDER);
  need(await writeHash(canonical(JSON.parse(text))) === scid, 'the name of the identity is not the hash of its first entry');
}

/** @param {any} entry @param {string} updateKey */
async function checkEntryProof(entry, updateKey) {
  const proof = Array.isArray(entry.proof) && entry.proof.length === 1 ? entry.proof[0] : null;
  need(hasExactly(proof, 'type', 'cryptosuite', 'verificationMethod', 'proofPurpose', 'proofValue', '?created') &&
    proof.type === 'DataIntegrityProof' && proof.cryptosuite === 'eddsa-jcs-2022' && proof.proofPurpose === 'assertionMethod' &&
    CREATED.test(proof.created ?? '2000-01-01T00:00:00Z'), 'the proof of an entry has another form');
  // The key that counts, never one read out of the proof.
  need(proof.verificationMethod === `did:key:${updateKey}#${updateKey}`, 'an entry is signed by a key that may not sign it');
  await checkSignature(readMultikey(updateKey), readSignature(proof.proofValue),
    await sha256(canonical(without(proof, 'proofValue'))), await sha256(canonical(without(entry, 'proof'))));
}

/** @param {any} state @param {string} first */
function readKeys(state, first) {
  const {verificationMethod: methods, assertionMethod: asserted} = state;
  need(Array.isArray(methods) && methods.length <= KEYS && Array.isArray(asserted), 'the keys have another form');
  /** @type {Map<string, Uint8Array | null>} */
  const known = new Map();
  for (const method of methods) {
    need(hasExactly(method, 'id', 'type', 'controller', 'publicKeyMultibase', '?revoked') && method.type === 'Multikey' &&
      method.controller === first && method.id === `${first}#${method.publicKeyMultibase}` && !known.has(method.id),
    'a key has another form');
    const key = readMultikey(method.publicKeyMultibase);
    known.set(method.id, Object.hasOwn(method, 'revoked') ? null : key);
  }
  need(new Set(asserted).size === asserted.length && asserted.every(id => known.has(id)), 'a key is named that is not there');
  return new Map(asserted.map(id => /** @type {[string, Uint8Array | null]} */ ([id, known.get(id) ?? null])).filter(([, key]) => key));
}

/** @param {any} state @param {string} first @param {string} host */
function readBase(state, first, host) {
  const services = Array.isArray(state.service) ? state.service : [];
  const named = services.map((/** @type {any} */ one) => hasExactly(one, 'id', 'type', 'serviceEndpoint')
    ? `${String(one.id).startsWith(first) ? one.id.slice(first.length) : one.id} ${one.type}` : '').sort();
  need(named.join() === '#files relativeRef,#localfed-1 LocalFedNode', 'the services have another form');
  const base = services[0].serviceEndpoint;
  const root = `${host.startsWith('localhost:') ? 'http' : 'https'}://${host}/`;
  need(typeof base === 'string' && base === services[1].serviceEndpoint && base.startsWith(root) && base.endsWith('/'),
    'the services name no folder of this host');
  checkSegments(base.slice(root.length).split('/').slice(0, -1));
  return base;
}

/** No key of a node is an update key: a stolen node must not be a stolen identity. @param {any[]} entries */
function checkSeparation(entries) {
  const updateKeys = new Set(entries.map(one => one.entry.parameters.updateKeys[0]));
  need(entries.every(one => one.entry.state.verificationMethod.every((/** @type {any} */ method) =>
    !updateKeys.has(method.publicKeyMultibase))), 'a key of the node is an update key');
}
