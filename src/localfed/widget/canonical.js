/**
 * Canonical JSON (RFC 8785), and the limits that spec/02-bytes.md sets to what is signed.
 */

/** Something is not as the specification asks; the message says what. */
export class NotProven extends Error {}

const DEPTH = 32;
const MEMBERS = 256;
const VALUES = 5_000;
const MEMBER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const EXTENSION_NAME = /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/;
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

/**
 * Writes a value of JSON in canonical form.
 *
 * @param {any} value - As `JSON.parse` returns it.
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (value !== null && typeof value === 'object') {
    // The default order of JavaScript is that of RFC 8785: by units of UTF-16.
    const members = Object.keys(value).sort().map(name => `${canonical(name)}:${canonical(value[name])}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    throw new NotProven('a string holds half of a surrogate pair');
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new NotProven('a number has no canonical form');
  }
  return JSON.stringify(value);
}

/**
 * Leaves a member out.
 *
 * @param {Record<string, any>} value
 * @param {string} name
 * @returns {Record<string, any>}
 */
export function without(value, name) {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

/** @param {any} value @returns {value is Record<string, any>} */
export const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);

/** @param {any} value @param {...string} names - Exactly these, and perhaps those that begin with `?`. */
export function hasExactly(value, ...names) {
  return isObject(value) &&
    names.every(name => name.startsWith('?') || Object.hasOwn(value, name)) &&
    Object.keys(value).every(name => names.includes(name) || names.includes(`?${name}`));
}

/**
 * Checks what may be signed at all: depth, numbers of values, names, numbers, characters (LF-BYTES-3 to 7).
 *
 * @param {any} whole
 */
export function checkPlain(whole) {
  let count = 0;
  /** @param {any} value @param {number} depth @param {boolean} inExtension */
  const visit = (value, depth, inExtension) => {
    if (typeof value === 'string' && FORBIDDEN.test(value)) {
      throw new NotProven('a string holds a character that none may hold');
    }
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new NotProven('a number is a fraction or too large');
    }
    if (value === null || typeof value !== 'object') {
      return;
    }
    const entries = Object.entries(value);
    count += entries.length;
    const isList = Array.isArray(value);
    if (depth > DEPTH || count > VALUES || (!isList && entries.length > MEMBERS)) {
      throw new NotProven('nested too deep, or too many values');
    }
    for (const [name, child] of entries) {
      if (!isList && name !== '@context' && !(inExtension ? EXTENSION_NAME : MEMBER_NAME).test(name)) {
        throw new NotProven('a member has a name that none may have');
      }
      visit(child, depth + 1, inExtension || (depth === 1 && name === 'ext'));
    }
  };
  visit(whole, 1, false);
}
