// A suspected duplicate: both students side by side for the supervisor. The other one is fetched by a route that keeps who looked.

import { $, element, icon, picture, redraw, term } from "./dom.js";

const PICTURES = ["portrait", "chip_photo"];
const FIELDS = new Set(["name", "id_number", "class_name", "registration_number"]);
let shown = null; // which record and picture of the other student stand there
let chosen = null; // which of several others the supervisor wants to see

/** Shows or hides the panel; returns whether it is shown. */
export function showDuplicates({ phase, step, steps, pictures, columns }) {
  const alike = phase === "decision" ? steps.find((found) => found.step === step).alike : [];
  $("duplicates").hidden = alike.length === 0;
  if (!alike.length) {
    shown = chosen = null;
    $("duplicate-other").replaceChildren();
    return false;
  }
  const other = alike.find(({ record }) => record === chosen) ?? alike[0];
  const finger = steps.find((found) => found.step === other.kind)?.name;
  redraw($("duplicate-here"), [pictures, columns.roster, other.kind, finger], () =>
    person($("duplicate-here"), pictures, other.kind, finger, columns.roster.filter(({ field }) => FIELDS.has(field))));
  redraw($("duplicate-score"), other, ({ score }) => [
    element("span", { textContent: score.name }),
    element("strong", { textContent: score.value }),
    element("span", { textContent: score.limit }),
  ]);
  redraw($("duplicate-others"), [alike, other.record], () => alike.length < 2 ? [] : alike.map((one) => choice(one, one.record === other.record)));
  if (shown !== other.record + other.kind) fetchOther(other);
  return true;
}

function choice({ record, name }, pressed) {
  const choose = () => {
    chosen = record;
    document.dispatchEvent(new CustomEvent("show-again"));
  };
  return element("button", { type: "button", textContent: name, "aria-pressed": String(pressed), onclick: choose });
}

async function fetchOther({ record, kind }) {
  const wanted = record + kind;
  shown = wanted;
  const box = $("duplicate-other");
  box.replaceChildren();
  const response = await fetch(`/alike/${record}`);
  if (shown !== wanted) return; // another one is wanted by now
  if (response.status !== 200) {
    shown = null; // the next snapshot asks again
    return;
  }
  const { fields, pictures, finger } = await response.json();
  if (shown === wanted) box.replaceChildren(...person(box, pictures, kind, finger, fields));
}

/** The heading, the pictures that count, and who it is. `finger`: what the picture of one is called. */
function person(box, pictures, kind, finger, fields) {
  const wanted = kind in pictures && !PICTURES.includes(kind) ? [...PICTURES, kind] : PICTURES;
  return [
    element("h3", { textContent: box.getAttribute("aria-label") }),
    element("div", { className: "duplicate-pictures" }, ...wanted.map((name) => figure(name, pictures[name], name === kind ? finger : null))),
    element("dl", {}, ...fields.map(term)),
  ];
}

function figure(name, address, finger) {
  const words = finger ?? $("duplicates").dataset[name.replace(/_./g, (two) => two[1].toUpperCase())];
  const box = element("div", { className: "photo", dataset: { kind: name } }, icon("person"));
  picture(box, address, words);
  return element("figure", { className: name }, box, element("figcaption", { textContent: words }));
}
