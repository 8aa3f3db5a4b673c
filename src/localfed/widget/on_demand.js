/**
 * On demand: modules that most visitors never need, loaded when one does.
 *
 * In the file that pages pin by its hash, our script writes the hashes of these modules in here: what is
 * loaded later is then checked by the browser as well.
 */

/** @type {Record<string, string>} */
const INTEGRITY = {};

/**
 * Loads a module that lies beside this one.
 *
 * @param {string} name - Such as `verify`.
 * @returns {Promise<any>}
 */
export async function load(name) {
  const url = new URL(`./${name}.js`, import.meta.url).href;
  if (INTEGRITY[name]) {
    await loadChecked(url, INTEGRITY[name]);
  }
  return import(url);
}

/**
 * Has the browser load a module under its hash; what is imported by that address is then the same module.
 *
 * @param {string} url
 * @param {string} integrity
 */
function loadChecked(url, integrity) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    Object.assign(script, {type: 'module', crossOrigin: 'anonymous', integrity, src: url});
    script.addEventListener('load', resolve);
    script.addEventListener('error', () => reject(new Error(`${url} is not what this page expects`)));
    document.head.append(script);
  });
}
