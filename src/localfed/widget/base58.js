/** Base58btc, as digests, keys and signatures are written in; and bytes put together. */

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const DIGITS_MAX = 128;

/** @param {string} text @returns {Uint8Array | null} Null for what is not base58btc. */
export function decodeBase58(text) {
  if (text.length > DIGITS_MAX || !/^[1-9A-HJ-NP-Za-km-z]*$/.test(text)) {
    return null;
  }
  let number = 0n;
  for (const digit of text) {
    number = number * 58n + BigInt(ALPHABET.indexOf(digit));
  }
  const bytes = [];
  for (; number > 0n; number >>= 8n) {
    bytes.unshift(Number(number & 255n));
  }
  const zeros = text.length - text.replace(/^1+/, '').length;
  return Uint8Array.from([...new Array(zeros).fill(0), ...bytes]);
}

/** @param {Uint8Array} bytes */
export function encodeBase58(bytes) {
  let number = 0n;
  for (const byte of bytes) {
    number = number << 8n | BigInt(byte);
  }
  let text = '';
  for (; number > 0n; number /= 58n) {
    text = ALPHABET[Number(number % 58n)] + text;
  }
  const zeros = bytes.findIndex(byte => byte !== 0);
  return '1'.repeat(zeros < 0 ? bytes.length : zeros) + text;
}

/** @param {...Uint8Array} parts */
export function joinBytes(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @param {string} text @returns {Promise<Uint8Array>} SHA-256 of it as UTF-8. */
export async function sha256(text) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** @param {string} text - What did:webvh and digests write: base58btc of the multihash, without `z`. */
export async function writeHash(text) {
  return encodeBase58(joinBytes(Uint8Array.of(0x12, 0x20), await sha256(text)));
}
