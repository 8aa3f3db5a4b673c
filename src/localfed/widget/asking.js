/**
 * Asking the node: without cookies and without saying which page asks, once for all widgets of a page.
 */

const KEPT_MILLISECONDS = 60_000;
const PATIENCE_MILLISECONDS = 10_000;

/** @type {Map<string, {since: number, answer: Promise<any>}>} */
const asked = new Map();

/** What went wrong with a request: `code` for programs, `message` from the node if it said one. */
export class NotAnswered extends Error {
  /**
   * @param {string} code - `unreachable`, or the code of the node's problem.
   * @param {string} message
   * @param {number} [status]
   */
  constructor(code, message, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Asks for JSON or text. The same address asked again within a minute is not sent again.
 *
 * @param {URL} url
 * @param {'json' | 'text'} [form]
 * @returns {Promise<any>} Rejects with NotAnswered, and with nothing else.
 */
export function ask(url, form = 'json') {
  const now = performance.now();
  for (const [key, {since}] of asked) {
    if (now - since > KEPT_MILLISECONDS) {
      asked.delete(key);
    }
  }
  const known = asked.get(url.href);
  if (known) {
    return known.answer;
  }
  const answer = send(url, form);
  asked.set(url.href, {since: now, answer});
  answer.catch(() => asked.delete(url.href));
  return answer;
}

/** Forgets what was answered: whoever asks next asks the node. */
export function forget() {
  asked.clear();
}

/** @param {URL} url @param {'json' | 'text'} form */
async function send(url, form) {
  let answer;
  try {
    answer = await fetch(url, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
    if (answer.ok) {
      return await answer[form]();
    }
  } catch (error) {
    throw new NotAnswered('unreachable', String(error));
  }
  const problem = await answer.json().catch(() => null);
  const {code, title, detail} = problem ?? {};
  throw new NotAnswered(String(code ?? 'unexpected-answer'), String(detail ?? title ?? ''), answer.status);
}
