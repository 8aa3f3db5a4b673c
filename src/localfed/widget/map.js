/**
 * The map: points of results on a ground, for the node's own pages and for the widget on anyone's website.
 *
 * `showMap(element, { features, tiles, lang })` draws into an element, in a page or in a shadow root. It loads Leaflet and
 * its plug-ins when it is called, as classic scripts and from the node that this module came from; importing it does
 * nothing. What strangers wrote becomes text nodes and attributes, never HTML. docs/run/map.md describes all of it.
 */

const TEXTS = {
  en: {
    map: "Map", points: "{n} points", offer: "Offer", need: "Need", organisation: "Organisation",
    by: "Published by {name}", about: "Somewhere in this circle: its publisher is deliberately vague",
    byAddress: "Somewhere in this circle: only its postcode or town is known", near: "The place that you asked about",
    km: "{n} km away", miles: "{n} miles away", closer: "Closer", further: "Further away", close: "Close", toList: "In the list",
    plain: "No map is set up on this node, so nothing is drawn below the points.", ties: "Lines join organisations that work together.",
    onMap: "Show on the map", drawing: "The map is being drawn …",
    shown: "{n} of {total} results are on the map.", all: "All {total} results are on the map.", one: "The result is on the map.",
    placeless: "{n} have no place.", left: "{n} more are left out: narrow the search to see them.",
    none: "Nothing of what was found has a place, so there is nothing to draw.",
    failed: "The map could not be drawn. The list says the same.", show: "Show on a map", hide: "Hide the map",
  },
  cy: {
    map: "Map", points: "{n} pwynt", offer: "Cynnig", need: "Angen", organisation: "Sefydliad",
    by: "Cyhoeddwyd gan {name}", about: "Rhywle yn y cylch hwn: mae'r cyhoeddwr yn fwriadol amhenodol",
    byAddress: "Rhywle yn y cylch hwn: dim ond ei god post neu ei dref sy'n hysbys",
    near: "Y lle y gofynnoch amdano", km: "{n} km i ffwrdd", miles: "{n} milltir i ffwrdd",
    closer: "Yn nes", further: "Ymhellach", close: "Cau", toList: "Yn y rhestr",
    plain: "Nid oes map wedi'i osod ar y nod hwn, felly ni lunnir dim o dan y pwyntiau.", ties: "Mae llinellau'n cysylltu sefydliadau sy'n cydweithio.",
    onMap: "Dangos ar y map", drawing: "Mae'r map yn cael ei lunio …",
    shown: "Mae {n} o {total} canlyniad ar y map.", all: "Mae pob un o'r {total} canlyniad ar y map.", one: "Mae'r canlyniad ar y map.",
    placeless: "Nid oes lle gan {n}.", left: "Mae {n} arall wedi'u gadael allan: culhewch y chwiliad i'w gweld.",
    none: "Nid oes lle gan ddim a gafwyd, felly nid oes dim i'w lunio.",
    failed: "Ni ellid llunio'r map. Mae'r rhestr yn dweud yr un peth.", show: "Dangos ar fap", hide: "Cuddio'r map",
  },
};

const KM_PER_MILE = 1.609344;
const EQUATOR_METRES = 40075016.686;
const TARGET = 28; // pixels: a finger, and WCAG 2.2's least size
const LARGEST = 4000; // pixels of a vague circle: beyond, one is in the middle of it anyway
const SHAPES = { offer: "●", need: "▲", organisation: "■" };

/** What the map says, in the language that fits best. @param {string} [lang] a BCP 47 tag */
export function textsOf(lang = "en") {
  const texts = TEXTS[lang.toLowerCase().split("-")[0]] ?? TEXTS.en;
  return (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** What a map leaves out, in words. @param {object} data an answer of /api/v1/map @param {string} [lang] */
export function describe(data, lang) {
  const say = textsOf(lang);
  if (!data.on_map) return say("none");
  const { on_map: n, total } = data;
  const parts = [n === total ? say(total === 1 ? "one" : "all", { total }) : say("shown", { n, total })];
  if (data.without_place) parts.push(say("placeless", { n: data.without_place }));
  if (data.left_out) parts.push(say("left", { n: data.left_out }));
  return parts.join(" ");
}

// --- loading ----------------------------------------------------------------------------------

const loading = new Map();

function once(url, make) {
  if (!loading.has(url)) {
    const done = new Promise((resolve, reject) => {
      const node = make();
      node.addEventListener("load", resolve, { once: true });
      node.addEventListener("error", () => {
        loading.delete(url); // whoever asks again, tries again
        node.remove();
        reject(new Error(`${url} could not be loaded`));
      }, { once: true });
      document.head.append(node);
    });
    loading.set(url, done);
  }
  return loading.get(url);
}

function loadScript(url) {
  return once(url, () => Object.assign(document.createElement("script"), { src: url }));
}

/** Styles count within a shadow root or outside of it, so each root has its own links. */
function loadSheet(root, url) {
  const place = root instanceof ShadowRoot ? root : document.head;
  for (const link of place.querySelectorAll("link[rel=stylesheet]")) if (link.href === url) return Promise.resolve();
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: url });
    // Without its colours a map is still a map.
    for (const end of ["load", "error"]) link.addEventListener(end, resolve, { once: true });
    place.append(link);
  });
}

async function loadLeaflet(base, root, withFile) {
  const at = (name) => new URL(name, base).href;
  const sheets = ["static/vendor/leaflet.css", "static/vendor/leaflet.markercluster.css", "static/map.css"];
  const styled = Promise.all(sheets.map((name) => loadSheet(root, at(name))));
  // Classic scripts that share one global name: a site that has Leaflet already keeps its own.
  if (!window.L) await loadScript(at("static/vendor/leaflet.js"));
  if (!window.L?.version?.startsWith("1.")) throw new Error("another Leaflet is in this page");
  if (!window.L.MarkerClusterGroup) await loadScript(at("static/vendor/leaflet.markercluster.js"));
  if (withFile && !window.protomapsL) await loadScript(at("static/vendor/protomaps-leaflet.js"));
  await styled;
  return window.L;
}

// --- drawing ----------------------------------------------------------------------------------

/**
 * Draws a map into an element, which is emptied.
 *
 * @param {HTMLElement} element
 * @param {object} options
 * @param {object} options.features GeoJSON as /api/v1/map answers, or the array of its features
 * @param {object} [options.tiles] its member `tiles`: what is under the points
 * @param {object[]} [options.ties] its member `ties`: lines on a plain ground
 * @param {string} [options.lang] BCP 47 tag of what the map itself says
 * @param {string | URL} [options.base] root of the node; where this module came from, if not given
 * @param {[number, number]} [options.near] longitude and latitude that the search is about
 * @param {boolean} [options.miles] distances in miles
 * @param {boolean} [options.dark] instead of what the visitor prefers
 * @param {(properties: object) => string} [options.linkOf] where a name leads; its page on the node, if not given
 * @param {(properties: object) => (() => void) | null} [options.listed] what shows a result in the list beside the map
 * @param {(properties: object | null) => void} [options.onChoose] is told what was chosen, null when it is closed
 * @returns {Promise<{ choose: (id: string) => boolean, remove: () => void }>} `choose` opens a result, `remove` ends the map
 */
export async function showMap(element, options) {
  const features = Array.isArray(options.features) ? options.features : options.features.features;
  const tiles = options.tiles ?? options.features.tiles ?? { kind: "plain", attribution: [] };
  const base = new URL("/", options.base ?? import.meta.url);
  const L = await loadLeaflet(base, element.getRootNode(), tiles.kind === "file");
  const drawn = new Drawn(L, element, { ...options, features, tiles, base });
  return { choose: (id) => drawn.choose(id), remove: () => drawn.remove() };
}

class Drawn {
  constructor(L, element, options) {
    this.L = L;
    this.options = options;
    this.say = textsOf(options.lang);
    this.isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.isDark = options.dark ?? matchMedia("(prefers-color-scheme: dark)").matches;
    this.box = document.createElement("div");
    this.box.className = `lf-map ${options.tiles.kind}${this.isDark ? " dark" : ""}`;
    this.below = line("", "lf-below");
    element.replaceChildren(this.box, this.below);
    this.map = this.makeMap();
    this.addGround();
    this.markers = new Map(); // of each id: several, where it has several places
    this.group = this.addPoints();
    this.fit();
    this.addNear();
    this.takeKeys();
    this.watch = new ResizeObserver(() => this.map.invalidateSize({ animate: false }));
    this.watch.observe(this.box);
  }

  makeMap() {
    const { L, say, isStill } = this;
    const map = L.map(this.box, {
      attributionControl: false, zoomControl: false, scrollWheelZoom: false, worldCopyJump: true,
      zoomAnimation: !isStill, fadeAnimation: !isStill, markerZoomAnimation: !isStill, inertia: !isStill,
      minZoom: 1, maxZoom: 19, zoomSnap: 1,
    });
    if (isStill) {
      map.panBy = (offset, how) => L.Map.prototype.panBy.call(map, offset, { ...how, animate: false });
    }
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", `${say("map")}, ${say("points", { n: this.options.features.length })}`);
    L.control.zoom({ zoomInTitle: say("closer"), zoomOutTitle: say("further") }).addTo(map);
    L.control.scale({ metric: !this.options.miles, imperial: Boolean(this.options.miles) }).addTo(map);
    // A wheel scrolls the page until somebody is at the map.
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    return map;
  }

  addGround() {
    const { L, map, options: { tiles, base } } = this;
    if (tiles.kind === "file") {
      window.protomapsL.leafletLayer({
        url: new URL(tiles.url, base).href, flavor: this.isDark ? "dark" : "light",
        lang: (this.options.lang ?? "en").split("-")[0], maxDataZoom: tiles.max_zoom, attribution: "",
      }).addTo(map);
    } else if (tiles.kind === "server") {
      L.tileLayer(tiles.url, {
        minZoom: tiles.min_zoom, maxZoom: tiles.max_zoom, attribution: "",
        // Tile servers ask who sends visitors; of the page itself they learn no more than the host.
        referrerPolicy: "strict-origin-when-cross-origin",
      }).addTo(map);
    } else {
      this.addTies();
    }
    this.addCredits();
  }

  addTies() {
    for (const tie of this.options.ties ?? []) {
      const ends = tie.coordinates.map(([east, north]) => [north, east]);
      this.L.polyline(ends, { className: `lf-tie ${tie.kind}`, interactive: false }).addTo(this.map);
    }
  }

  /** Whom the map is of stands in its corner; that there is none, below it, where it covers nothing. */
  addCredits() {
    const { attribution = [], kind } = this.options.tiles;
    if (kind === "plain") {
      this.below.append(this.say("plain"));
      if (this.options.ties?.length) this.below.append(" ", this.say("ties"));
      return;
    }
    const control = this.L.control({ position: "bottomright" });
    control.onAdd = () => {
      const node = document.createElement("div");
      node.className = "lf-credits";
      for (const one of attribution) node.append(one.url ? link(one.url, one.text) : one.text, " ");
      this.L.DomEvent.disableClickPropagation(node);
      return node;
    };
    control.addTo(this.map);
  }

  addPoints() {
    const { L, map } = this;
    const group = L.markerClusterGroup({
      animate: !this.isStill, showCoverageOnHover: false, maxClusterRadius: 44, spiderLegPolylineOptions: { className: "lf-leg" },
      iconCreateFunction: (cluster) => this.icon("cluster", String(cluster.getChildCount()), this.say("points", { n: cluster.getChildCount() }), 40),
    });
    const all = this.options.features.map((feature) => this.marker(feature));
    group.addLayers(all);
    map.on("zoomend", () => this.sizeCircles());
    return group;
  }

  marker(feature) {
    const { L } = this;
    const one = feature.properties;
    const [east, north] = feature.geometry.coordinates;
    const isVague = one.radius_metres > 0;
    const label = `${one.name}, ${this.say(one.kind)}${isVague ? `. ${this.say(one.by_address ? "byAddress" : "about")}` : ""}`;
    const icon = this.icon(`${one.kind}${isVague ? " vague" : ""}`, SHAPES[one.kind], label, TARGET);
    // A wide circle lies below the points, so that it hides none of them.
    const marker = L.marker([north, east], { icon, zIndexOffset: isVague ? -1e6 : 0 });
    marker.lf = one;
    marker.bindPopup(() => this.card(one), { maxWidth: 240, minWidth: 120, autoPanPadding: [8, 8], className: "lf-popup" });
    marker.on("popupopen", ({ popup }) => this.opened(marker, popup));
    marker.on("popupclose", ({ popup }) => this.closed(marker, popup));
    this.markers.set(one.id, [...(this.markers.get(one.id) ?? []), marker]);
    return marker;
  }

  /** An icon that is text in an element: a shape as well as a colour for each kind. */
  icon(kinds, text, label, size) {
    const { L } = this;
    const html = document.createElement("span");
    html.textContent = text;
    html.setAttribute("aria-hidden", "true");
    const icon = L.divIcon({ html, className: `lf-point ${kinds}`, iconSize: [size, size] });
    const create = icon.createIcon;
    icon.createIcon = function createNamed(old) {
      const made = create.call(this, old);
      made.setAttribute("aria-label", label);
      return made;
    };
    return icon;
  }

  /** What is deliberately vague is a circle of its true size, whatever the zoom; small ones can still be pressed. */
  sizeCircles() {
    for (const markers of this.markers.values()) {
      for (const marker of markers) {
        if (!(marker.lf.radius_metres > 0)) continue;
        const across = EQUATOR_METRES * Math.cos((marker.getLatLng().lat * Math.PI) / 180);
        const wide = (2 * marker.lf.radius_metres * 256 * 2 ** this.map.getZoom()) / across;
        const size = Math.round(Math.min(Math.max(wide, TARGET), LARGEST));
        Object.assign(marker.options.icon.options, { iconSize: [size, size], iconAnchor: [size / 2, size / 2] });
        const node = marker.getElement();
        if (!node) continue;
        for (const side of ["width", "height"]) node.style[side] = `${size}px`;
        for (const side of ["marginLeft", "marginTop"]) node.style[side] = `${-size / 2}px`;
      }
    }
  }

  card(one) {
    const box = document.createElement("div");
    const name = link(this.options.linkOf?.(one) ?? one.page, one.name);
    name.className = "lf-name";
    name.dir = "auto";
    if (one.language) name.lang = one.language;
    box.append(line(this.say(one.kind), "lf-kind"), line(name, "lf-title"));
    if (one.publisher && one.publisher !== one.name) box.append(line(this.say("by", { name: one.publisher })));
    if (typeof one.distance_km === "number") {
      const n = this.options.miles ? one.distance_km / KM_PER_MILE : one.distance_km;
      box.append(line(this.say(this.options.miles ? "miles" : "km", { n: n < 10 ? n.toFixed(1) : n.toFixed(0) })));
    }
    if (one.radius_metres > 0) box.append(line(this.say(one.by_address ? "byAddress" : "about")));
    const show = this.options.listed?.(one);
    if (show) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: this.say("toList") });
      button.addEventListener("click", show);
      box.append(button);
    }
    return box;
  }

  opened(marker, popup) {
    const node = popup.getElement();
    node.setAttribute("role", "dialog");
    node.setAttribute("aria-label", marker.lf.name);
    node.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", this.say("close"));
    node.querySelector(".lf-name")?.focus({ preventScroll: true });
    this.options.onChoose?.(marker.lf);
  }

  closed(marker, popup) {
    this.options.onChoose?.(null);
    const active = this.box.getRootNode().activeElement;
    // Focus goes back to where it came from, unless it has gone elsewhere already.
    if (active && active !== document.body && !popup.getElement()?.contains(active)) return;
    const node = marker.getElement();
    (node?.isConnected ? node : this.box).focus({ preventScroll: true });
  }

  addNear() {
    const { near } = this.options;
    if (!near) return;
    const icon = this.L.divIcon({ html: "", className: "lf-near", iconSize: [52, 52] });
    // A ring below the points: what is right there can be seen and pressed within it.
    const marker = this.L.marker([near[1], near[0]], { icon, interactive: false, keyboard: false, zIndexOffset: -2e6 });
    marker.addTo(this.map);
    marker.getElement().setAttribute("role", "img");
    marker.getElement().setAttribute("aria-label", this.say("near"));
  }

  /** Shows all points; where a place was asked about, what is nearest to it. */
  fit() {
    const { L, map, options: { features, near } } = this;
    const nearest = near ? [...features].sort((a, b) => far(a) - far(b)).slice(0, 30) : features;
    const bounds = L.latLngBounds([]);
    for (const { geometry: { coordinates: [east, north] }, properties: { radius_metres: metres } } of nearest) {
      bounds.extend(metres > 0 ? L.latLng(north, east).toBounds(2 * metres) : [north, east]);
    }
    if (near) bounds.extend([near[1], near[0]]);
    if (bounds.isValid()) map.fitBounds(bounds, { animate: false, padding: [28, 28], maxZoom: 15 });
    else map.setView([20, 0], 1, { animate: false });
    map.addLayer(this.group);
    this.sizeCircles();
  }

  takeKeys() {
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.map._popup?.isOpen()) {
        event.stopPropagation();
        this.map.closePopup();
      } else if (event.key === " " && event.target.matches?.(".leaflet-marker-icon")) {
        event.preventDefault(); // what says that it is a button is pressed as one
        const isCluster = event.target.classList.contains("cluster");
        event.target.click();
        if (isCluster) this.box.focus({ preventScroll: true }); // what was focused is not there any more
      }
    });
  }

  choose(id) {
    const marker = this.markers.get(id)?.[0];
    if (!marker) return false;
    this.group.zoomToShowLayer(marker, () => marker.openPopup());
    return true;
  }

  remove() {
    this.watch.disconnect();
    this.map.remove();
    this.box.remove();
    this.below.remove();
  }
}

const far = (feature) => feature.properties.distance_km ?? Infinity;

/** Only what a browser opens as a page becomes a link. */
function link(url, text) {
  const target = URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI) : null;
  const isPage = target && ["https:", "http:"].includes(target.protocol);
  const node = document.createElement(isPage ? "a" : "span");
  if (isPage) node.href = target.href;
  node.textContent = text;
  return node;
}

function line(content, kind = "") {
  const node = document.createElement("p");
  node.className = kind;
  node.append(content);
  return node;
}
