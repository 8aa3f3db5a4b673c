// Inside an embed: tells the page around it how tall it is and, under WordPress' sandbox, where a link leads.
// Nothing else leaves the frame. Without this script the frame keeps its height and scrolls.

// @ts-check

(() => {
  if (window.parent === window) {
    return;
  }
  // WordPress tells a frame its name in the fragment, and hears no message without it.
  const secret = (/^#\?secret=([A-Za-z0-9]{1,40})$/.exec(window.location.hash) || [])[1];

  /** The outer page may have any origin, and nothing that is said is a secret. @param {string} message @param {string | number} value */
  const tell = (message, value) => window.parent.postMessage({ message, value, secret: secret || "" }, "*");

  let last = 0;
  const tellHeight = (again = false) => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (again || height !== last) {
      last = height;
      tell("height", height);
    }
  };

  new ResizeObserver(() => tellHeight()).observe(document.documentElement);
  window.addEventListener("load", () => tellHeight(true));
  window.addEventListener("message", (event) => {
    // The outer script came later than this page: it has missed what was said.
    if (event.source === window.parent && event.data?.message === "ready") {
      tellHeight(true);
    }
  });

  if (secret) {
    // That sandbox opens no page; it asks the outer page to, which follows links to this node alone.
    document.getElementById("opens")?.remove(); // what it says of links is not so here
    for (const link of document.querySelectorAll("a")) {
      link.removeAttribute("aria-describedby");
      link.removeAttribute("target");
    }
    document.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (link) {
        event.preventDefault();
        tell("link", link.href);
      }
    });
  }
})();
