// The page of snippets follows as one types: it asks the node for itself with what the form says, and takes over
// what has changed. The node writes every snippet; here is no second way to write one.

// @ts-check

(() => {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("make"));
  const wrong = /** @type {HTMLElement} */ (document.getElementById("wrong"));
  const done = /** @type {HTMLElement} */ (document.getElementById("done"));
  const pause = 400;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {AbortController | undefined} */
  let running;

  const query = () => {
    const pairs = Array.from(new FormData(form)).filter(([, value]) => String(value).trim());
    return new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
  };

  /** @param {Document} page */
  const take = (page) => {
    const said = page.getElementById("wrong")?.textContent || "";
    wrong.textContent = said;
    wrong.classList.toggle("notice", said !== "");
    for (const id of ["widget", "frame", "link"]) {
      const [mine, other] = [document.getElementById(id), page.getElementById(id)];
      if (mine && other) {
        mine.textContent = other.textContent;
      }
    }
    const address = page.getElementById("preview")?.getAttribute("src");
    if (address && address !== document.getElementById("preview")?.getAttribute("src")) {
      document.getElementById("preview")?.setAttribute("src", address);
      document.getElementById("alone")?.setAttribute("href", address);
    }
  };

  const follow = async () => {
    running?.abort();
    running = new AbortController();
    const address = `${form.action}?${query()}`;
    try {
      const answer = await fetch(address, { signal: running.signal });
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      history.replaceState(null, "", address);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) {
        form.submit(); // the browser says what is the matter
      }
    }
  };

  if (document.getElementById("made")) {
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(follow, pause);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      follow();
    });
  }

  for (const button of document.querySelectorAll("button[data-copies]")) {
    if (!(button instanceof HTMLButtonElement) || !navigator.clipboard) {
      continue; // a page without TLS has no clipboard: the text can be marked by hand
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copies || "")?.textContent || "";
      try {
        await navigator.clipboard.writeText(text);
        done.textContent = done.dataset.copied || "";
      } catch {
        done.textContent = done.dataset.refused || "";
      }
    });
  }
})();
