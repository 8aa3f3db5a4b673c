/**
 * Ed25519 as this protocol uses it (LF-KEY): keys by their Multikey, signatures checked by the browser, and
 * what browsers leave open checked here: that a key is a point of the main subgroup, and R none of small order.
 */

import {decodeBase58, encodeBase58, joinBytes} from './base58.js';
import {NotProven} from './canonical.js';

const PRIME = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

/** @typedef {[bigint, bigint, bigint, bigint]} Point - Extended coordinates. */

/** @param {bigint} value */
const mod = value => ((value % PRIME) + PRIME) % PRIME;

/** @param {bigint} base @param {bigint} exponent */
function power(base, exponent) {
  let result = 1n;
  for (let factor = base, left = exponent; left > 0n; left >>= 1n, factor = mod(factor * factor)) {
    if (left & 1n) {
      result = mod(result * factor);
    }
  }
  return result;
}

/** @param {Point} one @param {Point} other @returns {Point} */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * D * t1 % PRIME * t2);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

/** @param {Point} point @param {bigint} times @returns {boolean} */
function isNothing(point, times) {
  /** @type {Point} */
  let sum = [0n, 1n, 1n, 0n];
  for (let doubled = point, left = times; left > 0n; left >>= 1n, doubled = add(doubled, doubled)) {
    if (left & 1n) {
      sum = add(sum, doubled);
    }
  }
  return sum[0] === 0n && sum[1] === sum[2];
}

/** @param {Uint8Array} bytes @returns {Point | null} Null for what is no point. */
function readPoint(bytes) {
  let y = 0n;
  for (let at = 31; at >= 0; at -= 1) {
    y = y << 8n | BigInt(bytes[at]);
  }
  const sign = y >> 255n;
  y &= 2n ** 255n - 1n;
  const square = mod((y * y - 1n) * power(mod(D * y * y + 1n), PRIME - 2n));
  let x = power(square, (PRIME + 3n) / 8n);
  x = mod(x * x) === square ? x : mod(x * ROOT_OF_MINUS_ONE);
  if (mod(x * x) !== square || y >= PRIME || (x === 0n && sign === 1n)) {
    return null;
  }
  x = (x & 1n) === sign ? x : PRIME - x;
  return [x, y, 1n, mod(x * y)];
}

/** @type {Map<string, Uint8Array>} */
const knownKeys = new Map();

/**
 * Reads the public key out of its Multikey (LF-KEY-1, LF-KEY-2).
 *
 * @param {unknown} text
 * @returns {Uint8Array}
 */
export function readMultikey(text) {
  const known = knownKeys.get(String(text));
  if (known) {
    return known;
  }
  const raw = typeof text === 'string' && text[0] === 'z' && text.length <= 50 ? decodeBase58(text.slice(1)) : null;
  if (!raw || raw.length !== 34 || raw[0] !== 0xed || raw[1] !== 1 || `z${encodeBase58(raw)}` !== text) {
    throw new NotProven('a key is no Ed25519 Multikey');
  }
  const key = raw.slice(2);
  const point = readPoint(key);
  if (!point || isNothing(point, 8n) || !isNothing(point, ORDER)) {
    throw new NotProven('a key is no point that can sign');
  }
  knownKeys.set(text, key);
  return key;
}

/** @param {unknown} text @returns {Uint8Array} The 64 bytes of a `proofValue`. */
export function readSignature(text) {
  const bytes = typeof text === 'string' && text[0] === 'z' && text.length <= 90 ? decodeBase58(text.slice(1)) : null;
  if (!bytes || bytes.length !== 64 || `z${encodeBase58(bytes)}` !== text) {
    throw new NotProven('a signature is not written as 64 bytes');
  }
  return bytes;
}

/**
 * Checks a signature (LF-KEY-3).
 *
 * @param {Uint8Array} key
 * @param {Uint8Array} signature
 * @param {...Uint8Array} data
 */
export async function checkSignature(key, signature, ...data) {
  const point = readPoint(signature.slice(0, 32));
  if (!point || isNothing(point, 8n)) {
    throw new NotProven('the signature does not fit');
  }
  const imported = await importKey(key);
  const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (joinBytes(...data));
  const fits = await crypto.subtle.verify('Ed25519', imported, /** @type {Uint8Array<ArrayBuffer>} */ (signature), bytes);
  if (!fits) {
    throw new NotProven('the signature does not fit');
  }
}

/** Whether this browser, on this page, can check signatures at all. */
export async function canCheck() {
  try {
    // The key of RFC 8032, 7.1, test 1.
    const key = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    await importKey(Uint8Array.from(key.match(/../g) ?? [], pair => parseInt(pair, 16)));
    return true;
  } catch {
    return false;
  }
}

/** @param {Uint8Array} key */
function importKey(key) {
  return crypto.subtle.importKey('raw', /** @type {Uint8Array<ArrayBuffer>} */ (key), 'Ed25519', false, ['verify']);
}
