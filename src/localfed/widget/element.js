/**
 * `<localfed-directory>`: a directory of a node inside any page.
 *
 * Importing this does nothing; `register` (or `widget.js`) makes the element known. What stands between the
 * tags is shown until results have come, and again when they cannot.
 */

import {NotAnswered, ask, forget} from './asking.js';
import {ATTRIBUTES, readAttributes} from './attributes.js';
import {makeCard} from './card.js';
import {makeControls} from './controls.js';
import {make} from './making.js';
import {load} from './on_demand.js';
import {applyStyle} from './style.js';
import {Words, isRightToLeft} from './words.js';

/** @typedef {import('./attributes.js').Settings} Settings */
/** @typedef {import('./card.js').Result} Result */

const NAME = 'localfed-directory';
const ORIGIN = new URL(import.meta.url).origin;
// A server that renders pages may import this as well: it has no elements.
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (class {});

export class LocalFedDirectory extends Base {
  static observedAttributes = ATTRIBUTES;

  /** @type {Settings | null} */
  #settings = null;
  /** @type {Words} */
  #words = new Words(['en']);
  /** @type {import('./controls.js').Wish} */
  #wish = {q: '', near: '', kind: '', category: ''};
  /** @type {Result[]} */
  #results = [];
  /** @type {string | null} */
  #next = null;
  /** Counts the questions: an answer to an earlier one comes too late. */
  #turn = 0;
  #isWaiting = false;
  /** @type {Record<string, HTMLElement>} */
  #parts = {};
  /** @type {ReturnType<typeof makeControls> | null} */
  #controls = null;

  constructor() {
    super();
    applyStyle(this.attachShadow({mode: 'open'}));
  }

  connectedCallback() {
    this.#later();
  }

  disconnectedCallback() {
    this.#turn += 1;
  }

  attributeChangedCallback(/** @type {string} */ _name, /** @type {string} */ before, /** @type {string} */ after) {
    if (this.isConnected && before !== after) {
      this.#later();
    }
  }

  /** The settings in force, or null while an attribute is wrong. */
  get settings() {
    return this.#settings;
  }

  /** Asks again, by the attributes as they are and without what the visitor typed. */
  refresh() {
    forget();
    this.#later();
  }

  /** Several attributes set one after the other are one change. */
  #later() {
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      queueMicrotask(() => {
        this.#isWaiting = false;
        if (this.isConnected) {
          this.#begin();
        }
      });
    }
  }

  #begin() {
    const {settings, problems} = readAttributes(this, ORIGIN);
    this.#words = new Words([...languagesAround(this, settings), ...navigator.languages]);
    this.#turn += 1;
    this.#wish = {q: settings.q, near: settings.near, kind: settings.kind, category: settings.category};
    this.#results = [];
    this.#build(settings, problems.length === 0);
    if (problems.length > 0) {
      this.#settings = null;
      this.#fail(problems, {code: 'bad-attribute', canRetry: false, intro: this.#words.say('problem')});
      return;
    }
    this.#settings = settings;
    this.#tell('ready', {node: settings.node.origin, settings: {...settings, node: settings.node.origin}});
    this.#search();
  }

  /** Lays everything out, the live region too: it has to be there before what it says. */
  #build(/** @type {Settings} */ settings, /** @type {boolean} */ isRight) {
    const words = this.#words;
    const {host} = settings.node;
    const label = labelOf(this, words);
    const part = this.#parts = {
      status: make('p', {class: 'status', part: 'status', role: 'status'}),
      message: make('div', {class: 'message', part: 'message', hidden: true}),
      list: make('ul', {class: 'list', part: 'list', role: 'list'}),
      more: make('button', {type: 'button', class: 'quiet', part: 'button more', hidden: true}, words.say('more')),
      mapButton: make('button', {type: 'button', class: 'quiet', part: 'button', hidden: true, 'aria-expanded': 'false'}, words.say('showMap')),
      map: make('div', {class: 'map', part: 'map', hidden: true}),
      mapWords: make('p', {class: 'status', role: 'status', hidden: true}),
      foot: make('a', {href: settings.node.href, part: 'home'}, words.say('from', {host})),
      slot: make('slot', {}, make('a', {href: settings.node.href}, words.say('open', {host}))),
    };
    this.#controls = settings.view === 'compact' || !isRight ? null
      : makeControls(settings, words, label, wish => this.#wishFor(wish));
    part.more.addEventListener('click', () => this.#search(true));
    part.mapButton.addEventListener('click', () => this.#toggleMap());
    const root = make('section',
      {
        class: 'root', part: 'root', lang: words.lang, dir: directionAround(this, settings),
        'data-view': settings.view, 'data-theme': settings.theme, 'aria-label': label,
      },
      this.#controls?.element, part.status, part.message, part.list, part.mapWords, part.map,
      isRight && make('div', {class: 'below'}, part.more, settings.map && part.mapButton, make('p', {class: 'foot'}, part.foot)),
      part.slot);
    this.shadowRoot?.replaceChildren(root);
  }

  #wishFor(/** @type {import('./controls.js').Wish} */ wish) {
    const {near, kind, category} = /** @type {Settings} */ (this.#settings);
    this.#wish = {q: wish.q, near: near || wish.near, kind: kind || wish.kind, category: category || wish.category};
    this.#search();
  }

  /** The address that answers the present wish. @param {string} path */
  #address(path) {
    const {node, radius, organisation, limit, partnersOnly} = /** @type {Settings} */ (this.#settings);
    const {q, near, kind, category} = this.#wish;
    const url = new URL(path, node);
    const asked = partnersOnly ? {organisation, limit} : {q, near, radius, kind, category, organisation, limit};
    for (const [name, value] of Object.entries(asked)) {
      if (value) {
        url.searchParams.set(name, String(value));
      }
    }
    return url;
  }

  /** The page for people that has the same and all of it. */
  #pageOfAll() {
    const {node, partnersOnly, organisation} = /** @type {Settings} */ (this.#settings);
    if (partnersOnly) {
      return new URL(`/organisations/${organisation}`, node).href;
    }
    const url = this.#address('/');
    url.searchParams.delete('limit');
    return url.href;
  }

  async #search(isMore = false) {
    const {partnersOnly, node} = /** @type {Settings} */ (this.#settings);
    const turn = (this.#turn += 1);
    const {status, list, more} = this.#parts;
    const url = this.#address(partnersOnly ? PROMOTIONS : SEARCH);
    if (isMore && this.#next) {
      url.searchParams.set('cursor', this.#next);
    }
    status.classList.remove('unseen');
    status.textContent = this.#words.say('searching');
    list.setAttribute('aria-busy', 'true');
    more.toggleAttribute('disabled', true);
    try {
      const answer = await ask(url);
      if (turn === this.#turn) {
        this.#show(partnersOnly ? fromPromotions(answer, this.#wish) : answer, isMore);
      }
    } catch (error) {
      if (turn === this.#turn) {
        this.#failBy(error, node.host);
      }
    } finally {
      if (turn === this.#turn) {
        list.removeAttribute('aria-busy');
        more.removeAttribute('disabled');
      }
    }
  }

  #show(/** @type {any} */ answer, /** @type {boolean} */ isMore) {
    const {status, message, list, more, mapButton, foot, slot} = this.#parts;
    const settings = /** @type {Settings} */ (this.#settings);
    const words = this.#words;
    /** @type {HTMLElement[]} */
    const cards = [];
    /** @type {Result[]} */
    const shown = [];
    for (const result of answer.results) {
      try {
        cards.push(makeCard(result, settings, words, (event, title) => this.#select(event, result, title)));
        shown.push(result);
      } catch {
        // One record that cannot be read takes no other with it.
      }
    }
    this.#results = isMore ? [...this.#results, ...shown] : shown;
    this.#next = answer.next;
    slot.remove();
    message.hidden = true;
    list.replaceChildren(...(isMore ? list.children : []), ...cards);
    more.hidden = !answer.next;
    mapButton.hidden = settings.partnersOnly;
    foot.setAttribute('href', this.#pageOfAll());
    this.#showCounts(answer.facets);
    status.textContent = words.summary(answer, this.#results.length, settings.partnersOnly);
    if (!this.#parts.map.hidden && !isMore) {
      this.#drawMap();
    }
    if (isMore) {
      cards[0]?.querySelector('a')?.focus();
    }
    performance.mark('localfed:results');
    this.#tell('results', {
      total: answer.total, count: this.#results.length, query: {...this.#wish},
      results: this.#results.map(({id, kind, page}) => ({id, kind, page})),
    });
    if (settings.verify) {
      this.#verify(shown, cards);
    }
  }

  /** How many there are of each; what codes are called comes a moment later, if at all. @param {any} facets */
  async #showCounts(facets) {
    const {node} = /** @type {Settings} */ (this.#settings);
    const [controls, turn] = [this.#controls, this.#turn];
    controls?.showCounts(facets, this.#wish);
    if (controls && Object.keys(facets?.category ?? {}).length > 0) {
      const url = new URL(`/api/v1/vocabulary?lang=${this.#words.lang}`, node);
      const answer = await ask(url).catch(() => null);
      if (answer && turn === this.#turn) {
        controls.showCounts(facets, this.#wish, answer.labels.categories);
      }
    }
  }

  #select(/** @type {Event} */ event, /** @type {Result} */ {id, kind, page}, /** @type {string} */ title) {
    if (!this.#tell('select', {id, kind, page, title}, true)) {
      event.preventDefault();
    }
  }

  async #verify(/** @type {Result[]} */ results, /** @type {HTMLElement[]} */ cards) {
    const settings = /** @type {Settings} */ (this.#settings);
    try {
      const {showProofs} = await load('verify');
      this.#tell('verified', await showProofs(results, cards, {node: settings.node, words: this.#words, ask}));
    } catch (error) {
      this.#tell('error', {code: 'verify-not-loaded', message: String(error)});
    }
  }

  #toggleMap() {
    const {map, mapWords, mapButton} = this.#parts;
    const isOpen = map.hidden;
    map.hidden = mapWords.hidden = !isOpen;
    mapButton.setAttribute('aria-expanded', String(isOpen));
    mapButton.textContent = this.#words.say(isOpen ? 'hideMap' : 'showMap');
    return isOpen ? this.#drawMap() : undefined;
  }

  /** Draws what is found now; the list goes on saying the same. */
  async #drawMap() {
    const {map, mapWords} = this.#parts;
    const {node, theme} = /** @type {Settings} */ (this.#settings);
    const turn = this.#turn;
    const url = this.#address(MAP);
    url.searchParams.delete('limit');
    try {
      const [{describe, showMap}, data] = await Promise.all([load('map'), ask(url)]);
      if (turn !== this.#turn) {
        return;
      }
      mapWords.textContent = describe(data, this.#words.lang);
      await showMap(map, {
        features: data, tiles: data.tiles, ties: data.ties, near: data.near, base: node, lang: this.#words.lang,
        miles: this.#words.miles, dark: theme === 'auto' ? undefined : theme === 'dark',
      });
    } catch (error) {
      mapWords.textContent = this.#words.say('mapFailed');
      this.#tell('error', {code: 'map-not-loaded', message: String(error)});
    }
  }

  #failBy(/** @type {unknown} */ error, /** @type {string} */ host) {
    const {code, status, message} = error instanceof NotAnswered ? error : new NotAnswered('unexpected-answer', String(error));
    const isRefused = status >= 400 && status < 500 && status !== 429;
    const key = status === 429 || status === 503 ? 'tooMany' : isRefused ? 'refused' : 'notAnswered';
    this.#fail(isRefused && message ? [message] : [], {code, message, canRetry: !isRefused, intro: this.#words.say(key, {host})});
  }

  /**
   * Says what is wrong, with the fallback below it.
   *
   * @param {string[]} lines
   * @param {{code: string, intro: string, canRetry: boolean, message?: string}} how
   */
  #fail(lines, {code, intro, canRetry, message = lines.join('; ')}) {
    const part = this.#parts;
    const retry = canRetry && make('button', {type: 'button', part: 'button retry'}, this.#words.say('retry'));
    if (retry) {
      retry.addEventListener('click', () => this.#search());
    }
    part.list.replaceChildren();
    part.more.hidden = part.mapButton.hidden = true;
    part.message.replaceChildren(
      make('p', {}, intro),
      ...(lines.length > 0 ? [make('ul', {}, ...lines.map(line => make('li', {dir: 'auto'}, line)))] : []),
      ...(retry ? [retry] : []));
    part.message.hidden = false;
    // Heard by whoever does not see the box.
    part.status.classList.add('unseen');
    part.status.textContent = `${intro} ${lines.join('; ')}`;
    this.shadowRoot?.querySelector('.root')?.append(part.slot);
    this.#tell('error', {code, message: message || intro});
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`localfed:${name}`, {detail, bubbles: true, composed: true, cancelable}));
  }
}

const SEARCH = '/api/v1/search';
const PROMOTIONS = '/api/v1/promotions';
const MAP = '/api/v1/map';

/** Makes `<localfed-directory>` known to the page; the second time does nothing. */
export function register() {
  performance.mark('localfed:start');
  if (!customElements.get(NAME)) {
    customElements.define(NAME, LocalFedDirectory);
  }
}

/** @param {Element} element @param {Settings} settings */
function languagesAround(element, settings) {
  const around = settings.lang || element.closest('[lang]')?.getAttribute('lang');
  return around ? [around] : [];
}

/** @param {Element} element @param {Settings} settings */
function directionAround(element, settings) {
  const said = element.closest('[dir]')?.getAttribute('dir')?.toLowerCase();
  if (said === 'rtl' || said === 'ltr') {
    return said;
  }
  return isRightToLeft(languagesAround(element, settings)[0] ?? 'en') ? 'rtl' : 'ltr';
}

/** What the region is called: as the page says, and each on a page otherwise. @param {Element} element @param {Words} words */
function labelOf(element, words) {
  const place = [...document.querySelectorAll(NAME)].indexOf(element);
  return element.getAttribute('aria-label') || words.say('directory') + (place > 0 ? ` ${place + 1}` : '');
}

/**
 * Makes what the pages of an organisation show of its partners look like an answer to a search.
 *
 * @param {any} answer
 * @param {{kind: string, category: string}} wish
 */
function fromPromotions(answer, {kind, category}) {
  const all = answer.partners.flatMap((/** @type {any} */ {partner, confirmed, listings}) =>
    listings.map((/** @type {any} */ listing) => ({...listing, publisher: partner, confirmed})));
  /** @type {Record<string, number>} */
  const kinds = {};
  for (const one of all) {
    kinds[one.kind] = (kinds[one.kind] ?? 0) + 1;
  }
  const results = all.filter((/** @type {any} */ one) =>
    (!kind || one.kind === kind) && (!category || (one.document.category ?? []).includes(category)));
  return {total: results.length, results, facets: {kind: kinds}, next: null};
}
