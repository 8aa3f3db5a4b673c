/**
 * Verify: signatures checked in the visitor's browser, and shown under each card. Loaded on demand.
 *
 * What is checked and what is not: docs/embed/widget.md. Importing this does nothing.
 */

import {NotProven} from './canonical.js';
import {canCheck} from './ed25519.js';
import {readIdentity} from './identity_log.js';
import {make} from './making.js';
import {checkDocument} from './proof.js';

/** @type {Record<string, Record<string, string>>} The Welsh is not reviewed yet. */
export const SAYINGS = {
  en: {
    cannot: 'Signatures were not checked: this browser cannot do it on this page (it needs https and Ed25519).',
    checked: 'Signature checked in your browser',
    failed: 'Left out: what {host} passed on as the word of {publisher} is not signed by it ({reason}).',
    identity: 'Identity',
    key: 'Key',
    meaning: 'These words are exactly those that the holder of this identity signed. Whether they are true, or the newest, no signature can say.',
    signedBy: 'Signed by',
    unknown: 'Signature not checked: {host} did not say who the publisher is.',
    updated: 'Last changed',
  },
  cy: {
    cannot: 'Ni wiriwyd y llofnodion: ni all y porwr hwn wneud hynny ar y dudalen hon (mae angen https ac Ed25519).',
    checked: 'Gwiriwyd y llofnod yn eich porwr',
    failed: 'Hepgorwyd: nid yw’r hyn a basiodd {host} ymlaen fel gair {publisher} wedi’i lofnodi ganddo ({reason}).',
    identity: 'Hunaniaeth',
    key: 'Allwedd',
    meaning: 'Dyma’r union eiriau a lofnododd deiliad yr hunaniaeth hon. Ni all unrhyw lofnod ddweud a ydynt yn wir, nac ai nhw yw’r diweddaraf.',
    signedBy: 'Llofnodwyd gan',
    unknown: 'Ni wiriwyd y llofnod: ni ddywedodd {host} pwy yw’r cyhoeddwr.',
    updated: 'Newidiwyd ddiwethaf',
  },
};

/**
 * @typedef {object} Checked
 * @property {'checked'} is
 * @property {import('./identity_log.js').Identity} identity
 * @property {string} method
 * @property {string} updated
 */

/**
 * Checks the proofs of results and shows on each card what came of it.
 *
 * @param {import('./card.js').Result[]} results
 * @param {HTMLElement[]} cards - One for each result.
 * @param {object} how
 * @param {URL} how.node
 * @param {import('./words.js').Words} how.words
 * @param {(url: URL, form: 'text') => Promise<string>} how.ask
 * @returns {Promise<{checked: number, failed: number, unknown: number}>}
 */
export async function showProofs(results, cards, {node, words, ask}) {
  /** @param {string} key @param {Record<string, string>} [values] */
  const say = (key, values) => words.say(key, values, SAYINGS[words.lang]);
  const outcomes = {checked: 0, failed: 0, unknown: 0};
  if (!globalThis.isSecureContext || !await canCheck()) {
    cards[0]?.parentElement?.before(make('p', {class: 'status proofs', part: 'proofs'}, say('cannot')));
    return {...outcomes, unknown: results.length};
  }
  const now = Date.now();
  await Promise.all(results.map(async (result, index) => {
    const outcome = await verify(result, node, ask, now);
    outcomes[outcome.is] += 1;
    const {publisher} = result;
    if (outcome.is === 'failed') {
      // What nobody signed is not shown under somebody's name.
      cards[index].replaceChildren(make('p', {class: 'proof', part: 'proof', 'data-outcome': 'failed'},
        say('failed', {host: node.host, publisher: publisher.host, reason: outcome.reason})));
    } else if (outcome.is === 'unknown') {
      cards[index].append(make('p', {class: 'proof', part: 'proof', 'data-outcome': 'unknown'}, say('unknown', {host: node.host})));
    } else {
      cards[index].append(makeDetails(outcome, say, words));
    }
  }));
  return outcomes;
}

/**
 * Checks one result: its publisher's log, then its document against that.
 *
 * @param {import('./card.js').Result} result
 * @param {URL} node
 * @param {(url: URL, form: 'text') => Promise<string>} ask
 * @param {number} now
 * @returns {Promise<{is: 'unknown'} | {is: 'failed', reason: string} | Checked>}
 */
async function verify({id, document, publisher}, node, ask, now) {
  let log;
  try {
    log = await ask(new URL(`/api/v1/identities/${encodeURIComponent(publisher.scid)}`, node), 'text');
  } catch {
    return {is: 'unknown'};
  }
  try {
    const identity = await readIdentity(log, now);
    // Shown and signed have to be the same: who, where, and which document.
    if (identity.did !== publisher.did || identity.host !== publisher.host || document.id !== id) {
      throw new NotProven('it is shown under another name');
    }
    return {is: 'checked', identity, ...await checkDocument(document, identity, now)};
  } catch (error) {
    return {is: 'failed', reason: error instanceof NotProven ? error.message : 'it cannot be read'};
  }
}

/** @param {Checked} outcome @param {(key: string) => string} say @param {import('./words.js').Words} words */
function makeDetails({identity, method, updated}, say, words) {
  const rows = [
    ['signedBy', identity.host], ['identity', identity.scid], ['key', method.split('#')[1]], ['updated', words.day(updated)],
  ];
  return make('details', {class: 'proof', part: 'proof', 'data-outcome': 'checked'},
    make('summary', {}, `✓ ${say('checked')}`),
    make('dl', {}, ...rows.flatMap(([key, value]) => [make('dt', {}, say(key)), make('dd', {}, make('bdi', {}, value))])),
    make('p', {}, say('meaning')));
}
