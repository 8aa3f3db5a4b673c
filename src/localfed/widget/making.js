/**
 * Making elements: text stays text, and a link leads nowhere but to http and https.
 */

/**
 * Makes an element. What strangers wrote comes as a child (a string becomes a text node) or as the value
 * of an attribute that runs nothing.
 *
 * @param {string} name
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes] - Null, undefined and
 *   false are left out; true is an attribute without a value.
 * @param {...(Node | string | null | undefined | false)} children - Nothing is left out.
 * @returns {HTMLElement}
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? '' : String(value));
    }
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      element.append(child);
    }
  }
  return element;
}

/**
 * Reads an address that may be followed.
 *
 * @param {unknown} text
 * @param {string} [base]
 * @returns {URL | null} Null for what is no address of http or https, or holds a password.
 */
export function readUrl(text, base) {
  try {
    const url = new URL(String(text), base);
    return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}
