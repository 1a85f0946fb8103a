// One export profile: a form and a text of the same, and what it makes, drawn anew while either is changed. The text is what
// counts: the server writes into it what the form says.

import { $, element, say } from "./dom.js";
import { attempt, post } from "./http.js";
import { choose, drawRows, LISTS, rowsTold, startRows, unfold } from "./profile_rows.js";

const SVG = "http://www.w3.org/2000/svg";
const PAUSE_MS = 500; // of somebody's typing

function shape(name, values, title = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  if (title) made.append(Object.assign(document.createElementNS(SVG, "title"), { textContent: title }));
  return made;
}

const items = (texts) => texts.map((textContent) => element("li", { textContent }));

function drawPhoto(photo) {
  const { width, height, head: [left, top, wide, high], eye_y: eyes, bands, backgrounds, words } = photo;
  const drawing = $("photo-drawing");
  drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
  drawing.replaceChildren(
    ...backgrounds.slice(0, 1).map((colour) => shape("rect", { width, height, fill: `rgb(${colour.join(",")})` })),
    ...bands.map(([name, from, to]) => shape("rect", { class: "band", x: 0, y: from, width, height: to - from }, name)),
    shape("ellipse", { class: "head", cx: left + wide / 2, cy: top + high / 2, rx: wide / 2, ry: high / 2 }),
    shape("rect", { class: "head", x: left, y: top, width: wide, height: high }),
    shape("line", { class: "eyes", x1: 0, x2: width, y1: eyes, y2: eyes }),
  );
  $("photo-words").replaceChildren(...items([...words, ...bands.map(([name, from, to]) => `${name} ${from}–${to} px`)]));
}

function drawMade({ title, note, preview }) {
  if (!preview) return; // what was right last stays to be seen
  say($("profile-title"), title);
  say($("profile-note"), note);
  $("profile-sheet").hidden = !preview.headers.length;
  say($("profile-sheets"), preview.sheets.join("  "));
  const cells = (tag, texts) => texts.map((textContent) => element(tag, { textContent, title: textContent, ...(tag === "th" ? { scope: "col" } : {}) }));
  const titles = preview.title_rows.map((text) => element("tr", {}, element("td", { textContent: text, colSpan: Math.max(preview.headers.length, 1) })));
  $("profile-head").replaceChildren(...titles, element("tr", {}, ...cells("th", preview.headers)));
  $("profile-rows").replaceChildren(...preview.rows.map((row) => element("tr", {}, ...cells("td", row))));
  $("profile-photo").hidden = !preview.photo;
  if (preview.photo) drawPhoto(preview.photo);
  $("profile-files").hidden = !preview.pictures.length;
  $("profile-pictures").replaceChildren(...items(preview.pictures));
}

const plain = () => [...$("profile-fields").querySelectorAll("[name]")];

/** Says beside each field of the form what is wrong with it; what has no field here is in the list above. */
function mark(at) {
  for (const place of $("profile-fields").querySelectorAll("[data-fault]")) {
    const words = at[place.dataset.fault] ?? "";
    say(place, words);
    const field = place.parentElement.querySelector("[name], [data-of]");
    if (!words) {
      field?.removeAttribute("aria-invalid");
      continue;
    }
    field?.setAttribute("aria-invalid", "true");
    place.closest("details").open = true;
    if (place.closest(".row-more")) unfold(place.closest(".profile-row"));
  }
}

function drawForm(form) {
  $("no-form").hidden = Boolean(form);
  $("profile-fields").hidden = !form;
  if (!form) return;
  for (const field of plain()) {
    choose(field, form.values[field.name]);
    if (form.values[field.name]) field.closest("details").open = true;
  }
  for (const name of LISTS) drawRows(name, form.rows[name]);
}

function draw(found) {
  $("profile-faults").hidden = !found.faults.length;
  $("profile-faults").replaceChildren(element("ul", {}, ...items(found.faults)));
  drawMade(found);
}

/** What is being typed: what of it the server has not seen yet, and the request that is under way. */
const typed = { form: false, text: false, timer: 0, asking: null };

async function look() {
  const { name, text } = $("profile-form").elements;
  while (typed.form || typed.text) {
    const byForm = typed.form && !typed.text;
    Object.assign(typed, { form: false, text: false });
    const order = { name: name.value, text: text.value };
    const rows = LISTS.map((one) => [one, rowsTold(one)]);
    if (byForm) {
      const values = Object.fromEntries(plain().map((field) => [field.name, field.value]));
      order.form = JSON.stringify({ values, rows: Object.fromEntries(rows.map(([one, { told }]) => [one, told])) });
    }
    await attempt(async () => {
      const found = await post("/office/profiles/check", order);
      if (byForm) {
        if (!typed.text) text.value = found.text;
        for (const [, { kept }] of rows) kept();
      } else if (!typed.text && !typed.form) drawForm(found.form);
      draw(found);
      mark(found.at);
    }, (words) => draw({ faults: [words] }));
  }
}

/** Asks the server once nobody types any more; one request after the other. */
function lookNow() {
  clearTimeout(typed.timer);
  typed.asking ??= look().finally(() => { typed.asking = null; });
  return typed.asking;
}

function soon(what) {
  typed[what] = true;
  clearTimeout(typed.timer);
  typed.timer = setTimeout(lookNow, PAUSE_MS);
}

/** Shows in the preview what the column is that somebody works at. */
function follow({ target }) {
  const row = target.closest?.('[data-list="column"] .profile-row');
  const header = row && $("profile-head").lastElementChild?.children[[...row.parentElement.querySelectorAll(".profile-row")].indexOf(row)];
  for (const one of $("profile-head").querySelectorAll(".here")) one.classList.remove("here");
  if (!header) return;
  header.classList.add("here");
  const box = header.closest(".scroll");
  box.scrollLeft = header.offsetLeft - (box.clientWidth - header.offsetWidth) / 2;
}

function show(tab) {
  for (const one of ["form", "text"]) {
    const chosen = $(`tab-${one}`) === tab;
    $(`tab-${one}`).setAttribute("aria-selected", String(chosen));
    $(`tab-${one}`).tabIndex = chosen ? 0 : -1;
    $(`panel-${one}`).hidden = !chosen;
  }
}

/** Nothing is saved before the text says what the form does. */
async function save(event) {
  if (!typed.form && !typed.text && !typed.asking) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await lookNow();
  event.target.requestSubmit();
}

const first = JSON.parse($("profile-drawn").textContent);
startRows();
drawForm(first.form);
draw(first);
mark(first.at);
$("profile-text").addEventListener("input", () => soon("text"));
$("profile-fields").addEventListener("input", () => soon("form"));
$("profile-fields").addEventListener("rows", () => soon("form"));
$("profile-fields").addEventListener("focusin", follow);
$("profile-form").addEventListener("submit", save, { capture: true });
for (const tab of document.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", ({ key }) => {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return;
    const other = tab.nextElementSibling ?? tab.previousElementSibling;
    show(other);
    other.focus();
  });
}
