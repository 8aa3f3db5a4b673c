/**
 * A card: one result of the node as an element of a list. All of it was written by strangers and stays text.
 */

import {make, readUrl} from './making.js';

const EXCERPT_CHARACTERS = {list: 220, cards: 160, compact: 0};

/**
 * @typedef {object} Result - As `/api/v1/search` answers it; of partners, made to look like it.
 * @property {string} id
 * @property {string} kind
 * @property {number | null} [distance_km]
 * @property {boolean} [approximate] - The distance is only about so much.
 * @property {any} publisher
 * @property {any[]} [contributors]
 * @property {boolean} [listed]
 * @property {string | null} [checked]
 * @property {boolean} [confirmed]
 * @property {string} page
 * @property {any} document
 */

/**
 * Makes the card of a result.
 *
 * @param {Result} result
 * @param {import('./attributes.js').Settings} settings
 * @param {import('./words.js').Words} words
 * @param {(event: Event, title: string) => void} onSelect
 * @returns {HTMLElement}
 */
export function makeCard(result, settings, words, onSelect) {
  const {document: record, kind} = result;
  const title = words.choose(record.name, record.language) ?? {text: result.publisher.host, lang: '', dir: 'auto'};
  const page = readUrl(result.page);
  const heading = say(`h${settings.headingLevel}`, title, {part: 'title'}, page && {href: page.href, part: 'link'});
  heading.querySelector('a')?.addEventListener('click', event => onSelect(event, title.text));
  const description = excerpt(words.choose(record.description, record.language), EXCERPT_CHARACTERS[settings.view]);
  return make('li', {part: `card ${kind}`, class: 'card'},
    make('article', {},
      make('p', {class: 'kind', part: 'kind', 'data-kind': kind}, words.say(kind)),
      heading,
      settings.view !== 'compact' && description && say('p', description, {class: 'text', part: 'text'}),
      meta(result, words),
      settings.view !== 'compact' && provenance(result, words, page)));
}

/**
 * @param {string} name
 * @param {{text: string, lang: string, dir: string}} said
 * @param {Record<string, any>} attributes
 * @param {Record<string, any> | null} [link]
 */
function say(name, said, attributes, link) {
  const {text, lang, dir} = said;
  return make(name, {...attributes, lang, dir}, link ? make('a', link, text) : text);
}

/** @param {{text: string, lang: string, dir: string} | null} said @param {number} characters */
function excerpt(said, characters) {
  const text = said?.text.replace(/\s+/g, ' ').trim();
  if (!said || !text) {
    return null;
  }
  return {...said, text: text.length > characters ? `${text.slice(0, characters).replace(/\s+\S*$/, '')} …` : text};
}

/** How far, where, at what cost. @param {Result} result @param {import('./words.js').Words} words */
function meta({distance_km: km, approximate, document: record}, words) {
  const facts = [
    typeof km === 'number' && (approximate
      // As the node's pages say it: what is vague is never nearer than a kilometre.
      ? words.say('aboutDistance', {distance: words.distance(Math.max(km, 1))})
      : words.say('distance', {distance: words.distance(km)})),
    where(record.location, words),
    record.online && words.say('online'),
    ...list(record.cost).slice(0, 2).map(cost => sayCost(cost, words)),
  ].filter(Boolean);
  return facts.length > 0 &&
    make('ul', {class: 'facts', part: 'facts', role: 'list'}, ...facts.map(fact => make('li', {dir: 'auto'}, fact)));
}

/** Who says so, where it is read, how fresh it is. */
/** @param {Result} result @param {import('./words.js').Words} words @param {URL | null} page */
function provenance(result, words, page) {
  const {kind, publisher, listed, checked, confirmed} = result;
  const how = listed ? 'listedBy' : kind === 'organisation' ? 'ownWord' : 'publishedBy';
  const others = list(result.contributors).map(one => one.organisation.name).join(', ');
  return make('p', {class: 'origin', part: 'origin'},
    words.say(how), how !== 'ownWord' && ' ', how !== 'ownWord' && make('bdi', {class: 'name'}, publisher.name),
    ' (', make('bdi', {}, publisher.host), ')',
    publisher.via && ` ${words.say('via')} `, publisher.via && make('bdi', {}, publisher.via.name),
    others && ` ${words.say('together')} `, others && make('bdi', {}, others),
    checked && ` · ${words.say('checked', {day: words.day(checked)})}`,
    confirmed === false && ` · ${words.say('unconfirmed')}`,
    page && page.host !== publisher.host && ` · ${words.say('readOn', {host: page.host})}`);
}

/** @param {any} places @param {import('./words.js').Words} words */
function where(places, words) {
  for (const place of list(places)) {
    const {addressLocality, addressRegion, postalCode} = place.address ?? {};
    const named = [addressLocality ?? addressRegion, postalCode].filter(Boolean).join(', ');
    if (named || place.name) {
      return named || words.choose(place.name)?.text;
    }
  }
  return '';
}

/** @param {any} cost @param {import('./words.js').Words} words */
function sayCost({basis, amount, currency, description}, words) {
  const money = amount ? words.money(amount, currency) : words.say(basis);
  const more = words.choose(description)?.text;
  return more ? `${money} (${more})` : money;
}

/** @param {any} value @returns {any[]} */
const list = value => (Array.isArray(value) ? value : []);
