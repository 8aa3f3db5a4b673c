// The map of our own pages, drawn when somebody asked for it: of a page of results, or of one record.
// Without it the list says the same, and names the places.

import { describe, showMap, textsOf } from "/widget/map.js";

const lang = document.documentElement.lang;
const say = textsOf(lang);

/** @param {HTMLElement} section */
async function drawResults(section) {
  const status = section.querySelector("[role=status]");
  const place = section.querySelector(".map-place");
  const words = section.querySelector(".map-words");
  status.textContent = say("drawing");
  words.hidden = true;
  try {
    const address = new URL(section.dataset.map, location.href);
    address.searchParams.set("lang", lang);
    const answer = await fetch(address, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const data = await answer.json();
    status.textContent = describe(data, lang);
    if (!data.on_map && !data.ties.length) return;
    const cards = cardsByPage();
    const drawn = await showMap(place, {
      features: data, ties: data.ties, near: data.near, lang, miles: "miles" in section.dataset,
      linkOf: (one) => pathOf(one.page),
      listed: (one) => {
        const card = cards.get(pathOf(one.page));
        return card ? () => card.querySelector("h3 a").focus() : null;
      },
      onChoose: (one) => {
        for (const [page, card] of cards) card.classList.toggle("chosen", Boolean(one) && page === pathOf(one.page));
      },
    });
    for (const { properties: one } of data.features) {
      const card = cards.get(pathOf(one.page));
      if (card && !card.querySelector(".on-map")) addButton(card, one, () => drawn.choose(one.id) && place.scrollIntoView({ block: "nearest" }));
    }
  } catch (problem) {
    status.textContent = say("failed");
    words.hidden = false;
    console.warn("map:", problem);
  }
}

/** @param {HTMLElement} record */
function offerMap(record) {
  const button = document.createElement("button");
  const place = document.createElement("div");
  const status = document.createElement("p");
  let drawn = null;
  button.type = "button";
  button.textContent = say("show");
  button.setAttribute("aria-expanded", "false");
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    if (drawn) {
      (await drawn).remove();
      drawn = null;
    } else {
      status.textContent = "";
      drawn = showMap(place, {
        features: JSON.parse(record.dataset.features), tiles: JSON.parse(record.dataset.tiles), lang,
        miles: "miles" in record.dataset,
      });
      try {
        await drawn;
      } catch (problem) {
        drawn = null;
        status.textContent = say("failed");
        console.warn("map:", problem);
      }
    }
    button.textContent = say(drawn ? "hide" : "show");
    button.setAttribute("aria-expanded", String(Boolean(drawn)));
  });
  record.append(button, status, place);
}

/** Pages are named by their paths: this node may have several hosts. */
function pathOf(url) {
  return new URL(url, location.href).pathname;
}

function cardsByPage() {
  const cards = new Map();
  for (const card of document.querySelectorAll(".card")) {
    const name = card.querySelector("h3 a");
    if (name) cards.set(pathOf(name.href), card);
  }
  return cards;
}

function addButton(card, one, show) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "on-map";
  button.textContent = say("onMap");
  button.setAttribute("aria-label", `${say("onMap")}: ${one.name}`);
  button.addEventListener("click", show);
  card.append(button);
}

for (const section of document.querySelectorAll("[data-map]")) drawResults(section);
for (const record of document.querySelectorAll("[data-features]")) offerMap(record);
