/**
 * The attributes of `<localfed-directory>`: read, checked, and what is wrong with them in words.
 */

import {isLanguage} from './words.js';
import {readUrl} from './making.js';

/**
 * @typedef {object} Settings
 * @property {URL} node - The origin of the node, as an address.
 * @property {string} q - Words to search for from the start.
 * @property {string} near
 * @property {number | null} radius - Kilometres.
 * @property {string} kind
 * @property {string} category
 * @property {string} organisation - A SCID.
 * @property {boolean} partnersOnly
 * @property {'list' | 'cards' | 'compact'} view
 * @property {string} lang
 * @property {number} limit
 * @property {number} headingLevel
 * @property {string} theme
 * @property {boolean} map
 * @property {boolean} verify
 */

export const ATTRIBUTES = [
  'node', 'q', 'near', 'radius', 'kind', 'category', 'organisation', 'partners-only', 'view', 'lang', 'limit',
  'heading-level', 'theme', 'map', 'verify', 'dir',
];

export const KINDS = ['offer', 'need', 'organisation'];

const KM = {km: 1, mi: 1.609344, mile: 1.609344, miles: 1.609344};
const RADIUS = /^(\d{1,5}(?:\.\d{1,6})?)\s*(km|mi|miles?)?$/i;
const RADIUS_KM_MAX = 20_040;
const SCID = /^[1-9A-HJ-NP-Za-km-z]{46}$/;
const TEXT_MAX = 300;
/** Of words, as the node takes them. */
const WORDS_MAX = 1000;

/**
 * Reads the attributes of an element.
 *
 * @param {Element} element
 * @param {string} origin - Where the script came from.
 * @returns {{settings: Settings, problems: string[]}} Problems are for whoever wrote the page, in English
 *   as the names of the attributes are.
 */
export function readAttributes(element, origin) {
  /** @type {string[]} */
  const problems = [];
  /** @param {string} name */
  const text = name => (element.getAttribute(name) ?? '').trim();
  /** @param {string} name */
  const is = name => element.hasAttribute(name) && !/^(false|no|off|0)$/i.test(text(name));
  /** @param {string} name @param {string[]} values @param {string} [otherwise] */
  const oneOf = (name, values, otherwise = '') => {
    const value = text(name).toLowerCase();
    if (value && !values.includes(value)) {
      problems.push(`${name}="${cut(value)}" is none of: ${values.join(', ')}`);
    }
    return values.includes(value) ? value : otherwise;
  };
  /** @param {string} name @param {number} least @param {number} most @param {number} otherwise */
  const number = (name, least, most, otherwise) => {
    const value = text(name);
    const isRight = /^\d{1,3}$/.test(value) && Number(value) >= least && Number(value) <= most;
    if (value && !isRight) {
      problems.push(`${name}="${cut(value)}" is no number from ${least} to ${most}`);
    }
    return isRight ? Number(value) : otherwise;
  };
  /** @param {string} name */
  const short = (name, most = TEXT_MAX) => {
    if (text(name).length > most) {
      problems.push(`${name} has more than ${most} characters`);
    }
    return text(name).slice(0, most);
  };

  const node = readUrl(text('node') || origin);
  if (!node) {
    problems.push(`node="${cut(text('node'))}" is no address of a node, such as https://node.example`);
  }
  if (text('lang') && !isLanguage(text('lang'))) {
    problems.push(`lang="${cut(text('lang'))}" is no language, such as en or cy`);
  }
  const settings = {
    node: new URL(node ? node.origin : origin),
    q: short('q', WORDS_MAX),
    near: short('near'),
    radius: readRadius(text('radius'), problems),
    kind: oneOf('kind', KINDS),
    category: short('category'),
    organisation: readOrganisation(text('organisation'), problems),
    partnersOnly: is('partners-only'),
    view: /** @type {Settings['view']} */ (oneOf('view', ['list', 'cards', 'compact'], 'list')),
    lang: text('lang'),
    limit: number('limit', 1, 100, 10),
    headingLevel: number('heading-level', 2, 6, 3),
    theme: oneOf('theme', ['auto', 'light', 'dark'], 'auto'),
    map: is('map'),
    verify: is('verify'),
  };
  if (settings.radius !== null && !settings.near) {
    problems.push('radius needs near: the place that it is around');
  }
  if (settings.partnersOnly && !text('organisation')) {
    problems.push('partners-only needs organisation: whose partners to show');
  }
  return {settings, problems};
}

/** @param {string} text @param {string[]} problems */
function readRadius(text, problems) {
  const match = RADIUS.exec(text);
  const unit = /** @type {keyof typeof KM} */ ((match?.[2] ?? 'km').toLowerCase());
  const km = match ? Math.round(Number(match[1]) * KM[unit] * 1000) / 1000 : 0;
  if (text && !(km > 0 && km <= RADIUS_KM_MAX)) {
    problems.push(`radius="${cut(text)}" is no distance, such as 5, 2.5 km or 3 miles`);
    return null;
  }
  return text ? km : null;
}

/** @param {string} text @param {string[]} problems */
function readOrganisation(text, problems) {
  const scid = text.startsWith('did:webvh:') ? text.split(':')[2] : text;
  if (text && !SCID.test(scid)) {
    problems.push(`organisation="${cut(text)}" is neither a SCID (46 characters, Qm…) nor a DID (did:webvh:Qm…)`);
    return '';
  }
  return scid;
}

/** @param {string} text */
function cut(text) {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
