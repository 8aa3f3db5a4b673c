/**
 * Words: what the widget says, in English and Welsh; which language of a text a reader gets; distances,
 * days and money as they are written there.
 *
 * The Welsh is not reviewed yet: no speaker has read it.
 */

/** @typedef {Record<string, string>} Table */

/** @type {Table} */
const ENGLISH = {
  aboutDistance: 'about {distance} away',
  all: 'All',
  anyCategory: 'Any category',
  category: 'Category',
  checked: 'checked {day}',
  directory: 'Local directory',
  distance: '{distance} away',
  exchange: 'in exchange for something',
  free: 'free',
  from: 'From the directory of {host}',
  hideMap: 'Hide the map',
  kind: 'What to show',
  listedBy: 'Listed by',
  mapFailed: 'The map could not be loaded. The list has everything that is on it.',
  more: 'Show more',
  need: 'Need',
  needs: 'Needs',
  none: 'Nothing was found.',
  noneHint: 'Try other words, another kind or a wider area.',
  noPartners: 'No partners are shown here yet.',
  notAnswered: '{host} did not answer.',
  offer: 'Offer',
  offers: 'Offers',
  online: 'online',
  open: 'Open the directory of {host}',
  organisation: 'Organisation',
  organisations: 'Organisations',
  ownWord: 'In its own words',
  pay: 'to be paid',
  'pay-what-you-can': 'pay what you can',
  place: 'Postcode, town or place',
  problem: 'This directory is not set up correctly. For whoever runs this website:',
  publishedBy: 'Published by',
  refused: '{host} could not answer this:',
  readOn: 'on {host}',
  retry: 'Try again',
  'results.one': '{n} result',
  'results.other': '{n} results',
  respelled: 'Understood as “{words}”.',
  search: 'Search',
  searching: 'Searching …',
  showMap: 'Show on a map',
  shown: '{shown} of {results} shown',
  time: 'in exchange for time',
  together: 'together with',
  tooMany: '{host} is busy. Try again in a minute.',
  unconfirmed: 'not confirmed by its publisher lately',
  under: 'under {distance}',
  via: 'via',
  what: 'What do you need?',
  wider: 'Few say this; what is about the same is shown, too.',
};

/** @type {Table} */
const WELSH = {
  aboutDistance: 'tua {distance} i ffwrdd',
  all: 'Popeth',
  anyCategory: 'Unrhyw gategori',
  category: 'Categori',
  checked: 'gwiriwyd {day}',
  directory: 'Cyfeiriadur lleol',
  distance: '{distance} i ffwrdd',
  exchange: 'yn gyfnewid am rywbeth',
  free: 'am ddim',
  from: 'O gyfeiriadur {host}',
  hideMap: 'Cuddio’r map',
  kind: 'Beth i’w ddangos',
  listedBy: 'Rhestrwyd gan',
  miles: '{n} milltir',
  months: 'Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr',
  mapFailed: 'Nid oedd modd llwytho’r map. Mae popeth sydd arno yn y rhestr.',
  more: 'Dangos mwy',
  need: 'Angen',
  needs: 'Anghenion',
  none: 'Ni chafwyd hyd i ddim.',
  noneHint: 'Rhowch gynnig ar eiriau eraill, math arall neu ardal ehangach.',
  noPartners: 'Nid oes partneriaid yma eto.',
  notAnswered: 'Nid atebodd {host}.',
  offer: 'Cynnig',
  offers: 'Cynigion',
  online: 'ar-lein',
  open: 'Agor cyfeiriadur {host}',
  organisation: 'Sefydliad',
  organisations: 'Sefydliadau',
  ownWord: 'Yn ei eiriau ei hun',
  pay: 'i’w dalu',
  'pay-what-you-can': 'talwch yr hyn a allwch',
  place: 'Cod post, tref neu le',
  problem: 'Nid yw’r cyfeiriadur hwn wedi’i osod yn gywir. I bwy bynnag sy’n rhedeg y wefan hon:',
  publishedBy: 'Cyhoeddwyd gan',
  refused: 'Ni allai {host} ateb hyn:',
  readOn: 'ar {host}',
  retry: 'Rhoi cynnig arall arni',
  'results.other': '{n} canlyniad',
  respelled: 'Deallwyd fel “{words}”.',
  search: 'Chwilio',
  searching: 'Wrthi’n chwilio …',
  showMap: 'Dangos ar fap',
  shown: 'dangosir {shown} o {results}',
  time: 'yn gyfnewid am amser',
  together: 'ar y cyd â',
  tooMany: 'Mae {host} yn brysur. Rhowch gynnig arall arni ymhen munud.',
  unconfirmed: 'heb ei gadarnhau gan y cyhoeddwr yn ddiweddar',
  under: 'llai na {distance}',
  via: 'drwy',
  yards: '{n} llath',
  what: 'Beth sydd ei angen arnoch?',
  wider: 'Ychydig sy’n dweud hyn; dangosir hefyd yr hyn sy’n ymwneud â’r un peth.',
};

/** @type {Record<string, Table>} */
export const TABLES = {en: ENGLISH, cy: WELSH};

const MILES = new Set(['en-gb', 'en-us', 'en-lr', 'cy', 'cy-gb', 'gd', 'gd-gb', 'kw', 'gv']);
const RIGHT_TO_LEFT = new Set(['ar', 'arc', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);
const KM_PER_MILE = 1.609344;
const TAG = /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$/i;

/** @param {string} tag */
const primary = tag => tag.toLowerCase().split('-')[0];

/** @param {string} tag */
export const isRightToLeft = tag => RIGHT_TO_LEFT.has(primary(tag));

/** @param {string} tag */
export const isLanguage = tag => TAG.test(tag);

/** One reader: languages, best first, and everything that is said in them. */
export class Words {
  /** @param {string[]} tags - BCP 47, best first; nonsense is passed over. */
  constructor(tags) {
    this.tags = tags.filter(isLanguage);
    const first = this.tags[0] ?? 'en';
    // Someone who wrote `lang="en"` and reads in Britain is used to miles.
    const place = this.tags.find(tag => primary(tag) === primary(first) && tag.includes('-'));
    this.locale = first.includes('-') ? first : place ?? first;
    this.miles = MILES.has(this.locale.toLowerCase());
    /** The language of what the widget itself says. */
    this.lang = primary(first) in TABLES ? primary(first) : 'en';
    this.table = TABLES[this.lang];
  }

  /**
   * Says something of a table.
   *
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   * @param {Table} [table]
   */
  say(key, values = {}, table = this.table) {
    return (table[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
  }

  /** @param {number} n */
  results(n) {
    const form = `results.${new Intl.PluralRules(this.lang).select(n)}`;
    return this.say(form in this.table ? form : 'results.other', {n: this.number(n)});
  }

  /**
   * Says what was found, and how the search was understood where that is not as it was written.
   *
   * @param {{total: number, corrected?: string | null, about?: string[]}} answer
   * @param {number} count - How many are shown.
   * @param {boolean} partnersOnly
   */
  summary({total, corrected, about}, count, partnersOnly) {
    if (count === 0) {
      return partnersOnly ? this.say('noPartners') : `${this.say('none')} ${this.say('noneHint')}`;
    }
    const results = this.results(total);
    const shown = count < total ? this.say('shown', {shown: this.number(count), results}) : results;
    const understood = [corrected && this.say('respelled', {words: corrected}), about?.length && this.say('wider')].filter(Boolean);
    return understood.length ? [`${shown}.`, ...understood].join(' ') : shown;
  }

  /** @param {number} n @param {Intl.NumberFormatOptions} [options] */
  number(n, options) {
    return new Intl.NumberFormat(this.locale, options).format(n);
  }

  /** @param {number} km */
  distance(km) {
    const isNear = km < 0.1;
    const unit = isNear ? (this.miles ? 'yard' : 'meter') : (this.miles ? 'mile' : 'kilometer');
    const value = isNear ? 100 : km / (this.miles ? KM_PER_MILE : 1);
    const digits = value < 9.95 ? 1 : 0;
    const options = {minimumFractionDigits: isNear ? 0 : digits, maximumFractionDigits: digits};
    // Browsers do not know Welsh: Chromium leaves it out of what it knows of languages.
    const distance = this.table[`${unit}s`]
      ? this.say(`${unit}s`, {n: this.number(value, options)})
      : this.number(value, {...options, style: 'unit', unit, unitDisplay: this.miles ? 'long' : 'short'});
    return isNear ? this.say('under', {distance}) : distance;
  }

  /** @param {string} time - As the wire writes it. */
  day(time) {
    const date = new Date(time);
    if (this.table.months) {
      return `${date.getUTCDate()} ${this.table.months.split(' ')[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
    }
    const options = /** @type {const} */ ({day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC'});
    return new Intl.DateTimeFormat(this.locale, options).format(date);
  }

  /** @param {string} amount @param {string} currency */
  money(amount, currency) {
    return this.number(Number(amount), {style: 'currency', currency});
  }

  /**
   * Chooses from a language map: what the reader asked for, else the original, else the first.
   *
   * @param {unknown} texts
   * @param {string} [original]
   * @returns {{text: string, lang: string, dir: string} | null}
   */
  choose(texts, original) {
    const entries = Object.entries(texts ?? {}).filter(([, text]) => typeof text === 'string');
    if (!entries.length) {
      return null;
    }
    const [lang, text] = this.#wanted(entries) ?? entries.find(([tag]) => tag === original) ?? entries[0];
    const isKnown = lang !== 'und' && isLanguage(lang);
    return {text, lang: isKnown ? lang : '', dir: isKnown ? (isRightToLeft(lang) ? 'rtl' : 'ltr') : 'auto'};
  }

  /** @param {[string, string][]} entries */
  #wanted(entries) {
    for (const tag of this.tags) {
      for (let part = tag.toLowerCase(); part; part = part.slice(0, Math.max(part.lastIndexOf('-'), 0))) {
        const found = entries.find(([lang]) => `${lang.toLowerCase()}-`.startsWith(`${part}-`));
        if (found) {
          return found;
        }
      }
    }
    return null;
  }
}
