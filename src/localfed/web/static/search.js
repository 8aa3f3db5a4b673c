// The two boxes of the directory page: suggestions while one types, one's own position, a button that copies.
// Without this file both are plain boxes and the page does the same. Texts of others only ever become text.
// Source: WAI-ARIA Authoring Practices, editable combobox with list autocomplete.

const WAIT = 120; // milliseconds after a key: less asks for every letter of a fast typist
const LETTERS = 2;
const DECIMALS = 2; // of degrees: about a kilometre

const form = document.querySelector("form.finder");

/** Ask this node for suggestions; what goes wrong is no suggestion. */
async function ask(path, q, signal) {
  const answer = await fetch(`${path}?q=${encodeURIComponent(q)}`, { signal });
  return answer.ok ? answer.json() : {};
}

const SOURCES = {
  q: async (text, signal) => {
    const { suggestions = [] } = await ask("/api/v1/suggest", text, signal);
    return suggestions.map((one) => ({ text: one.text, more: one.page ? "" : String(one.count) }));
  },
  near: async (text, signal) => {
    const { places = [] } = await ask("/api/v1/places", text, signal);
    return places.map((one) => ({ text: one.label, more: "" }));
  },
};

class Combobox {
  constructor(input, source, words) {
    this.input = input;
    this.source = source;
    this.words = words;
    this.active = -1;
    this.timer = 0;
    this.asking = null;
    this.build();
    input.addEventListener("input", () => this.wait());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
  }

  build() {
    const { input } = this;
    const around = document.createElement("div");
    around.className = "suggesting";
    input.before(around);
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.labels[0].textContent);
    this.list.hidden = true;
    this.status = document.createElement("p");
    this.status.className = "aside";
    this.status.setAttribute("role", "status");
    around.append(input, this.list, this.status);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    })) {
      input.setAttribute(name, value);
    }
  }

  wait() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const text = this.input.value.trim();
    if (text.length < LETTERS) {
      this.close();
      return;
    }
    this.timer = setTimeout(() => this.look(text), WAIT);
  }

  async look(text) {
    const asking = new AbortController();
    this.asking = asking;
    try {
      const found = await this.source(text, asking.signal);
      // Whoever went on to another box meanwhile wants no list there.
      if (!asking.signal.aborted && document.activeElement === this.input) this.show(found);
    } catch {
      // No answer in time, or none at all: the box works as it is.
    }
  }

  show(found) {
    this.list.replaceChildren(
      ...found.map(({ text, more }, index) => {
        const option = document.createElement("li");
        option.id = `${this.list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.text = text;
        option.dir = "auto";
        option.append(text);
        if (more) {
          const small = document.createElement("small");
          small.textContent = ` ${more}`;
          option.append(small);
        }
        // Before the box loses the keyboard, which would close the list.
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          this.take(option);
        });
        return option;
      }),
    );
    this.mark(-1);
    this.open(found.length > 0);
    const { none, one, many } = this.words;
    const said = { 0: none, 1: one }[found.length] ?? many;
    this.status.textContent = said.replace("{number}", String(found.length));
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.open(false);
    this.mark(-1);
    this.status.textContent = "";
  }

  mark(index) {
    const options = [...this.list.children];
    this.active = index;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.input.setAttribute("aria-activedescendant", options[index].id);
    options[index].scrollIntoView({ block: "nearest" });
  }

  take(option) {
    this.input.value = option.dataset.text;
    this.close();
  }

  press(event) {
    if (event.isComposing) return;
    const last = this.list.children.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (last < 0) return;
      event.preventDefault();
      this.open(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = this.active < 0 && step < 0 ? last + 1 : this.active;
      // One place more than there are options: the box itself, with what was typed.
      const next = from + step;
      this.mark(next > last || next < 0 ? -1 : next);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.take(this.list.children[this.active]);
    }
  }
}

/** A button for one's own position, which is rounded before anybody else sees it. */
function offerPosition(near, words) {
  if (!navigator.geolocation || !window.isSecureContext) return;
  const hint = document.getElementById("near-hint");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = words.here;
  button.title = words.hereHint;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  // Where there are results, the promise waits until the button is pressed: they are what one came for.
  if (form.classList.contains("first")) said.textContent = ` ${words.hereHint}`;
  button.addEventListener("click", () => {
    said.textContent = ` ${words.seeking} ${words.hereHint}`;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        near.value = [coords.latitude, coords.longitude]
          .map((degrees) => degrees.toFixed(DECIMALS))
          .join(", ");
        form.requestSubmit();
      },
      () => {
        said.textContent = ` ${words.lost}`;
        near.focus();
      },
      { maximumAge: 600_000, timeout: 15_000 },
    );
  });
  hint.append(" ", button, said);
}

/** A button that copies the link; the link can be read and copied without it. */
function offerCopy(share) {
  if (!navigator.clipboard) return;
  const link = share.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = share.dataset.copy;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link.value);
      said.textContent = share.dataset.copied;
    } catch {
      link.select();
    }
  });
  share.append(button, said);
}

if (form) {
  for (const [id, source] of Object.entries(SOURCES)) {
    new Combobox(document.getElementById(id), source, form.dataset);
  }
  offerPosition(document.getElementById("near"), form.dataset);
}
document.querySelectorAll(".share").forEach(offerCopy);
