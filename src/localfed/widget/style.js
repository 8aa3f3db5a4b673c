/**
 * The style of the widget. A page can change it by variables and parts (docs/embed/widget.md) and by nothing
 * else: what it says of everything stops at the shadow root, also with `!important`.
 */

const LIGHT = `
  --ground: var(--localfed-ground, #fff); --card: var(--localfed-card, #fff);
  --ink: var(--localfed-ink, #20262b); --soft: var(--localfed-soft, #545d64);
  --line: var(--localfed-line, #d9d5cc); --edge: var(--localfed-edge, #767e79);
  --link: var(--localfed-link, #0b5a4a); --accent: var(--localfed-accent, #0b5a4a);
  --on-accent: var(--localfed-on-accent, #fff);
  --offer: #dff0e6; --on-offer: #0c4a32; --need: #fbe9d2; --on-need: #6b3a04;
  --organisation: #e3eaf6; --on-organisation: #1f3a6b; --notice: #fff4d6; --on-notice: #5a4100;
  color-scheme: light;`;

const DARK = `
  --ground: var(--localfed-ground-dark, #15191b); --card: var(--localfed-card-dark, #1d2326);
  --ink: var(--localfed-ink-dark, #e8ebe9); --soft: var(--localfed-soft-dark, #a9b3b5);
  --line: var(--localfed-line-dark, #343c40); --edge: var(--localfed-edge-dark, #87928f);
  --link: var(--localfed-link-dark, #8fd8c2); --accent: var(--localfed-accent-dark, #8fd8c2);
  --on-accent: var(--localfed-on-accent-dark, #10231d);
  --offer: #1c3a2c; --on-offer: #bfe8d0; --need: #46310f; --on-need: #f7d9ab;
  --organisation: #263450; --on-organisation: #c9d8f7; --notice: #3d3310; --on-notice: #f5e3a6;
  color-scheme: dark;`;

const RULES = `
:host {
  all: initial; display: block !important; visibility: visible !important; opacity: 1 !important;
  filter: none !important; clip-path: none !important; zoom: 1 !important;
  writing-mode: horizontal-tb !important;
}
:host([hidden]) { display: none !important; }
.root {
  all: initial; display: block; box-sizing: border-box; direction: inherit; ${LIGHT}
  font: var(--localfed-font-size, medium)/1.5 var(--localfed-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  background: var(--ground); color: var(--ink); overflow-wrap: anywhere; text-align: start;
  border-radius: var(--localfed-radius, 0.5em); padding: var(--localfed-padding, 0.75em);
}
.root[dir=rtl] { direction: rtl; }
.root[dir=ltr] { direction: ltr; }
.root[data-theme=dark] { ${DARK} }
@media (prefers-color-scheme: dark) { .root[data-theme=auto] { ${DARK} } }
.root *, .root *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, h4, h5, h6, p, ul, li, fieldset, legend { margin: 0; padding: 0; border: 0; font: inherit; list-style: none; }
a { color: var(--link); text-underline-offset: 0.15em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
bdi { unicode-bidi: isolate; }

.controls { display: grid; gap: 0.75em; margin-block-end: 0.75em; }
.boxes { display: flex; flex-wrap: wrap; gap: 0.75em; align-items: end; }
.box { display: grid; gap: 0.2em; flex: 1 1 12em; min-inline-size: 0; }
.box span { font-size: 0.9em; }
.choices { display: flex; flex-wrap: wrap; gap: 0.75em; align-items: end; }
.choices .kinds { flex: 1 1 auto; }
.category { flex: 0 1 16em; }
input[type=search], select, button {
  font: inherit; min-block-size: 2.75em; padding: 0.4em 0.7em; min-inline-size: 0; inline-size: 100%;
  color: var(--ink); background: var(--card); border: 1px solid var(--edge); border-radius: 0.35em; appearance: auto;
}
input[type=search] { appearance: none; }
button {
  inline-size: auto; padding-inline: 1.1em; font-weight: 600; cursor: pointer; appearance: none;
  color: var(--on-accent); background: var(--accent); border-color: var(--accent);
}
button.quiet { color: var(--link); background: none; border-color: var(--edge); }
.kinds { display: flex; flex-wrap: wrap; gap: 0.5em; }
.kinds label {
  display: inline-flex; align-items: center; gap: 0.45em; min-block-size: 2.25em; padding: 0.15em 0.8em;
  border: 1px solid var(--edge); border-radius: 2em; background: var(--card); cursor: pointer; font-size: 0.95em;
}
.kinds label:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); font-weight: 600; }
.kinds label:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.kinds input { margin: 0; accent-color: var(--accent); inline-size: 1em; block-size: 1em; outline: none; }
.count { color: var(--soft); font-weight: 400; }

.root { position: relative; }
.status { color: var(--soft); font-size: 0.95em; margin-block-end: 0.5em; min-block-size: 1.5em; }
.unseen, .kinds legend {
  position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.message {
  background: var(--notice); color: var(--on-notice); padding: 0.75em 1em; border-radius: 0.5em;
  border-inline-start: 0.3em solid currentColor; margin-block-end: 0.75em; display: grid; gap: 0.5em; justify-items: start;
}
.message ul { display: grid; gap: 0.25em; }
.message code { font-family: ui-monospace, monospace; font-size: 0.9em; }
.list { display: grid; gap: 0.75em; }
.list[aria-busy=true] { opacity: 0.6; transition: opacity 0.15s; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: var(--localfed-radius, 0.5em); padding: 0.8em 1em; }
.card [part~=title] { font-size: 1.08em; font-weight: 650; line-height: 1.3; margin-block: 0.15em 0.3em; }
.kind {
  display: inline-block; font-size: 0.78em; font-weight: 600; padding: 0.08em 0.6em; border-radius: 1em;
  background: var(--organisation); color: var(--on-organisation);
}
.kind[data-kind=offer] { background: var(--offer); color: var(--on-offer); }
.kind[data-kind=need] { background: var(--need); color: var(--on-need); }
.text { margin-block-end: 0.4em; }
.facts { display: flex; flex-wrap: wrap; margin-block-end: 0.3em; font-size: 0.95em; }
/* The dot before each: at the beginning of a line it is cut off. */
.facts { margin-inline-start: -1.1em; clip-path: inset(0 0 0 1.1em); }
[dir=rtl] .facts { clip-path: inset(0 1.1em 0 0); }
.facts li { position: relative; padding-inline-start: 1.1em; }
.facts li::before { content: "·"; position: absolute; inset-inline-start: 0.42em; color: var(--soft); }
.origin { color: var(--soft); font-size: 0.85em; }
.name { color: var(--ink); }
.proof { margin-block-start: 0.4em; font-size: 0.85em; color: var(--soft); }
.proof summary { cursor: pointer; min-block-size: 1.75em; }
.proof[data-outcome=failed] { color: var(--on-notice); background: var(--notice); padding: 0.5em; border-radius: 0.35em; }
.proof dl { margin: 0.3em 0; display: grid; grid-template-columns: auto 1fr; gap: 0.1em 0.75em; }
.proof dd { margin: 0; }
[data-view=cards] .list { grid-template-columns: repeat(auto-fill, minmax(min(100%, 16em), 1fr)); }
[data-view=compact] .list { gap: 0; }
[data-view=compact] .card { background: none; border: 0; border-block-end: 1px solid var(--line); border-radius: 0; padding: 0.5em 0; }
[data-view=compact] .card:last-child { border-block-end: 0; }
[data-view=compact] article { display: flex; flex-wrap: wrap; gap: 0.1em 0.6em; align-items: baseline; }
[data-view=compact] [part~=title] { font-size: 1em; margin: 0; }
[data-view=compact] .facts { margin: 0; color: var(--soft); font-size: 0.9em; }
.below { display: flex; flex-wrap: wrap; gap: 0.75em; align-items: center; margin-block-start: 0.75em; }
.foot { font-size: 0.85em; color: var(--soft); margin-inline-start: auto; }
.foot a { display: inline-block; padding-block: 0.25em; }
.map { block-size: 22em; margin-block-start: 0.75em; border: 1px solid var(--line); border-radius: 0.5em; overflow: hidden; }
@media (prefers-reduced-motion: reduce) { .list { transition: none !important; } }
@media (forced-colors: active) { .kind, .message { border: 1px solid; } }
`;

/** @type {CSSStyleSheet | null} */
let sheet = null;

/**
 * Gives a shadow root the style: a sheet that all widgets share and that no Content-Security-Policy stops.
 *
 * @param {ShadowRoot} root
 */
export function applyStyle(root) {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(RULES);
  }
  root.adoptedStyleSheets = [sheet];
}
