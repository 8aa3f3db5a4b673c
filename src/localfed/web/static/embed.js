// On pages that frame embeds of a node: gives each frame the height of what it shows.
// <script src="https://NODE/embed.js" async></script>, once for all frames of a page.

// @ts-check

(() => {
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  const origin = new URL(own.src).origin;
  const most = 20000; // pixels: no frame pushes the rest of a page out of reach

  /** @returns {HTMLIFrameElement[]} the frames of this node; others are none of our business */
  const frames = () =>
    Array.from(document.querySelectorAll("iframe")).filter((one) =>
      ["", "/", "?", "#"].includes(one.src.replace(`${origin}/embed`, "").slice(0, 1)),
    );

  window.addEventListener("message", (event) => {
    const frame = frames().find((one) => one.contentWindow === event.source);
    // In a sandbox a page has no origin; which window it is cannot be forged.
    const expected = frame?.hasAttribute("sandbox") ? [origin, "null"] : [origin];
    if (!frame || !expected.includes(event.origin) || event.data?.message !== "height") {
      return;
    }
    const height = Math.ceil(Number(event.data.value));
    if (height > 0 && height <= most) {
      frame.height = String(height);
      frame.style.height = `${height}px`;
    }
  });

  // A page that has loaded already has said its height before anybody listened.
  frames().forEach((one) => one.contentWindow?.postMessage({ message: "ready" }, "*"));
})();
