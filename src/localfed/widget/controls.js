/**
 * The controls above the list: words, place, kind, category. No `<form>`: in a sandbox none may be sent.
 */

import {KINDS} from './attributes.js';
import {make} from './making.js';

/** @typedef {{q: string, near: string, kind: string, category: string}} Wish */

/**
 * Makes the controls; what the page has fixed by an attribute is not asked for.
 *
 * @param {import('./attributes.js').Settings} settings
 * @param {import('./words.js').Words} words
 * @param {string} label - What the whole is called.
 * @param {(wish: Wish) => void} onWish - Told of each search that a visitor asks for.
 * @returns {{element: HTMLElement, showCounts: (facets: any, wish: Wish, labels?: Record<string, string>) => void}}
 */
export function makeControls(settings, words, label, onWish) {
  const {partnersOnly} = settings;
  const q = box('q', 'what', words, {enterkeyhint: 'search', maxlength: 1000, value: settings.q});
  const near = settings.near || settings.organisation ? null : box('near', 'place', words, {autocomplete: 'postal-code'});
  const kinds = settings.kind ? null : kindChoice(words);
  const category = settings.category || partnersOnly ? null : categoryChoice(words);
  const button = make('button', {type: 'button', part: 'button'}, words.say('search'));
  const search = () => onWish({
    q: q.input.value.trim(),
    near: near?.input.value.trim() ?? '',
    kind: kinds?.value() ?? '',
    category: category?.select.value ?? '',
  });
  const element = make('div', {class: 'controls', part: 'controls', role: 'search', 'aria-label': `${words.say('search')}: ${label}`},
    !partnersOnly && make('div', {class: 'boxes'}, q.label, near?.label, button),
    make('div', {class: 'choices'}, kinds?.element, category?.label));

  button.addEventListener('click', search);
  for (const {input} of [q, near].filter(one => one !== null)) {
    input.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.isComposing) {
        event.preventDefault();
        search();
      }
    });
  }
  kinds?.element.addEventListener('change', search);
  category?.select.addEventListener('change', search);
  return {
    element,
    showCounts: (facets, wish, labels = {}) => {
      kinds?.showCounts(facets?.kind ?? {});
      category?.show(facets?.category ?? {}, wish.category, labels);
    },
  };
}

/** @param {string} name @param {string} key @param {import('./words.js').Words} words @param {Record<string, any>} more */
function box(name, key, words, more) {
  const input = /** @type {HTMLInputElement} */ (make('input', {type: 'search', name, part: 'input', maxlength: 200, ...more}));
  return {input, label: make('label', {class: 'box'}, make('span', {}, words.say(key)), input)};
}

/** @param {import('./words.js').Words} words */
function kindChoice(words) {
  const choices = [['', 'all'], ...KINDS.map(kind => [kind, `${kind}s`])].map(([value, key]) => {
    const input = /** @type {HTMLInputElement} */ (make('input', {type: 'radio', name: 'kind', value, checked: !value}));
    const count = make('span', {class: 'count'});
    return {input, count, label: make('label', {part: 'choice'}, input, make('span', {}, words.say(key), count))};
  });
  return {
    element: make('fieldset', {class: 'kinds'}, make('legend', {}, words.say('kind')), ...choices.map(one => one.label)),
    value: () => choices.find(one => one.input.checked)?.input.value ?? '',
    /** @param {Record<string, number>} counts */
    showCounts: counts => {
      for (const {input, count} of choices) {
        count.textContent = input.value && input.value in counts ? ` ${words.number(counts[input.value])}` : '';
      }
    },
  };
}

/** @param {import('./words.js').Words} words */
function categoryChoice(words) {
  const select = /** @type {HTMLSelectElement} */ (make('select', {part: 'input', name: 'category'}));
  const label = make('label', {class: 'box category', hidden: true}, make('span', {}, words.say('category')), select);
  return {
    select,
    label,
    /** @param {Record<string, number>} counts @param {string} chosen @param {Record<string, string>} labels - Of codes. */
    show: (counts, chosen, labels) => {
      /** @param {string} name */
      const called = name => (Object.hasOwn(labels, name) ? labels[name] : name).replace(/^./u, first => first.toUpperCase());
      const names = Object.keys(counts);
      label.hidden = !names.length && !chosen;
      select.replaceChildren(
        make('option', {value: ''}, words.say('anyCategory')),
        ...(chosen && !names.includes(chosen) ? [make('option', {value: chosen}, called(chosen))] : []),
        ...names.map(name => make('option', {value: name}, `${called(name)} (${words.number(counts[name])})`)));
      select.value = chosen;
    },
  };
}
