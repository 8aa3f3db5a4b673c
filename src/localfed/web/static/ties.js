// The picture of the web of ties moved and enlarged where it is, in place of a new page. Without it the links do the same.

// @ts-check

const ZOOM_MOST = 16;
const ZOOMS = [1, 2, 4, 8, 16];

/** A picture that is seen in part. */
class Picture {
  /** @param {SVGSVGElement} svg @param {HTMLElement} frame */
  constructor(svg, frame) {
    this.svg = svg;
    this.frame = frame;
    this.labels = svg.querySelector(".labels");
    this.width = Number(svg.dataset.width);
    this.height = Number(svg.dataset.height);
    this.letter = Number(svg.dataset.letter);
    this.zoom = Number(svg.dataset.zoom);
    const [left, top, width, height] = (svg.getAttribute("viewBox") || "").split(" ").map(Number);
    this.x = left + width / 2;
    this.y = top + height / 2;
  }

  /** Shows another part; what lies beyond the picture is not shown. */
  show(x = this.x, y = this.y, zoom = this.zoom) {
    this.zoom = Math.min(ZOOM_MOST, Math.max(1, zoom));
    const width = this.width / this.zoom;
    const height = this.height / this.zoom;
    this.x = Math.min(this.width, Math.max(0, x));
    this.y = Math.min(this.height, Math.max(0, y));
    const box = [this.x - width / 2, this.y - height / 2, width, height];
    this.svg.setAttribute("viewBox", box.map((one) => one.toFixed(1)).join(" "));
    this.svg.dataset.zoom = String(ZOOMS.filter((one) => one <= this.zoom).pop());
    this.labels?.setAttribute("font-size", String(this.letter / this.zoom));
  }

  /** @param {string} name */
  move(name) {
    const step = (0.3 * this.width) / this.zoom;
    /** @type {Record<string, () => void>} */
    const moves = {
      in: () => this.show(this.x, this.y, this.zoom * 2),
      out: () => this.show(this.x, this.y, this.zoom / 2),
      left: () => this.show(this.x - step),
      right: () => this.show(this.x + step),
      up: () => this.show(this.x, this.y - step),
      down: () => this.show(this.x, this.y + step),
      whole: () => this.show(this.width / 2, this.height / 2, 1),
    };
    moves[name]?.();
  }

  /** How long a pixel of the screen is in the picture. */
  get unit() {
    return this.width / this.zoom / this.svg.getBoundingClientRect().width;
  }
}

const KEYS = new Map([
  ["+", "in"], ["=", "in"], ["-", "out"], ["0", "whole"],
  ["ArrowLeft", "left"], ["ArrowRight", "right"], ["ArrowUp", "up"], ["ArrowDown", "down"],
]);

/** @param {Picture} picture */
function takeKeys(picture) {
  picture.frame.addEventListener("keydown", (event) => {
    const name = KEYS.get(event.key);
    if (name && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      picture.move(name);
    }
  });
}

/** @param {Picture} picture */
function takePointer(picture) {
  /** @type {{x: number, y: number} | null} */
  let from = null;
  let dragged = false;
  picture.svg.addEventListener("pointerdown", (event) => {
    dragged = false;
    // A finger scrolls the frame, as everywhere; the buttons are for it.
    if (event.button === 0 && event.pointerType === "mouse") from = { x: event.clientX, y: event.clientY };
  });
  window.addEventListener("pointermove", (event) => {
    if (!from) return;
    const across = event.clientX - from.x;
    const down = event.clientY - from.y;
    if (!dragged && Math.hypot(across, down) < 4) return;
    dragged = true;
    picture.show(picture.x - across * picture.unit, picture.y - down * picture.unit);
    from = { x: event.clientX, y: event.clientY };
  });
  window.addEventListener("pointerup", () => { from = null; });
  picture.svg.addEventListener("click", (event) => {
    if (dragged) event.preventDefault(); // what was dragged is not followed as a link
  }, { capture: true });
  picture.svg.addEventListener("dragstart", (event) => event.preventDefault());
  picture.svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // a wheel alone scrolls the page, as everywhere
    event.preventDefault();
    picture.show(picture.x, picture.y, picture.zoom * (event.deltaY < 0 ? 1.25 : 0.8));
  }, { passive: false });
}

/** @param {Picture} picture @param {Element} links */
function takeLinks(picture, links) {
  const list = links.querySelector("ul");
  if (!list) return;
  const names = ["in", "out", "left", "right", "up", "down", "whole"];
  list.replaceChildren(...names.map((name) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = links.getAttribute(`data-${name}`); // said by the page, in its language
    button.addEventListener("click", () => picture.move(name));
    item.append(button);
    return item;
  }));
}

const svg = document.querySelector("svg.ties");
const frame = document.querySelector(".web");
const links = document.querySelector(".moves");
if (svg instanceof SVGSVGElement && frame instanceof HTMLElement && links) {
  const picture = new Picture(svg, frame);
  takeKeys(picture);
  takePointer(picture);
  takeLinks(picture, links);
}
