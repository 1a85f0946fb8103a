// Small helpers over the DOM. Text is only ever set as text: nothing that a card says becomes markup.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; `dataset` and `className` work like every other property. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "dataset") Object.assign(made.dataset, value);
    else if (name.startsWith("aria-") || name === "role" || name === "for") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Sets text only when it is another one, so that screen readers do not repeat themselves. */
export function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** A line of a list of terms: what a field is called, and its value. */
export const term = ({ field, label, value }) =>
  element("div", { dataset: { field } }, element("dt", { textContent: label }), element("dd", { textContent: value }));

const SIZES = 6;

/** Gives a box of texts the largest of its sizes (`data-size`, 0 is the largest) at which none of them leaves it; `stacked`: they
 * stand one above the other. */
export function fit(box, texts, { stacked = false } = {}) {
  for (let size = 0; size < SIZES; size += 1) {
    box.dataset.size = String(size);
    const heights = texts.map((text) => text.offsetHeight);
    if ((stacked ? heights.reduce((sum, height) => sum + height) : Math.max(...heights)) <= box.clientHeight) return;
  }
}

const drawn = new WeakMap();

/** Draws a part anew only when its data have changed: focus and scrolling stay where they are. */
export function redraw(target, data, make) {
  const key = JSON.stringify(data);
  if (drawn.get(target) === key) return;
  drawn.set(target, key);
  target.replaceChildren(...make(data));
}

/** Puts a picture into a box, or the box's own icon back when there is none. */
export function picture(box, address, description) {
  if (box.dataset.address === (address ?? "")) return;
  box.dataset.address = address ?? "";
  box.querySelector("img")?.remove();
  if (address) box.append(element("img", { src: address, alt: description, decoding: "async" }));
}

const words = JSON.parse($("words").textContent);

/** The words for a code that the page brought along, filled with values. */
export const word = (code, values = {}) => (words[code] ?? code).replace(/\{(\w+)\}/g, (blank, name) => values[name] ?? blank);
