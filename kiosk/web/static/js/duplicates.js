// A suspected duplicate: both students side by side for the supervisor. The other one is fetched by a route that keeps who looked.

import { $, element, icon, redraw, say } from "./dom.js";

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
  redraw($("duplicate-here"), [pictures, columns.roster, other.kind], () =>
    person($("duplicate-here"), pictures, other.kind, columns.roster.filter(({ field }) => FIELDS.has(field))));
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
  const button = element("button", { type: "button", textContent: name, "aria-pressed": String(pressed) });
  button.addEventListener("click", () => {
    chosen = record;
    document.dispatchEvent(new CustomEvent("show-again"));
  });
  return button;
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
  const { fields, pictures } = await response.json();
  if (shown === wanted) box.replaceChildren(...person(box, pictures, kind, fields));
}

/** The heading, the pictures that count, and who it is. */
function person(box, pictures, kind, fields) {
  const wanted = kind in pictures && !PICTURES.includes(kind) ? [...PICTURES, kind] : PICTURES;
  const heading = element("h3");
  say(heading, box.getAttribute("aria-label"));
  return [
    heading,
    element("div", { className: "duplicate-pictures" }, ...wanted.map((name) => figure(name, pictures[name]))),
    element("dl", {}, ...fields.map(({ field, label, value }) =>
      element("div", { dataset: { field } }, element("dt", { textContent: label }), element("dd", { textContent: value })))),
  ];
}

function figure(name, address) {
  const words = $("duplicates").dataset[name.replace(/_./g, (two) => two[1].toUpperCase())];
  const box = element("div", { className: "photo", dataset: { kind: name } }, icon("person"));
  if (address) box.append(element("img", { src: address, alt: words, decoding: "async" }));
  return element("figure", { className: name }, box, element("figcaption", { textContent: words }));
}
