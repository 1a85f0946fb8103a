// One export profile: drawn as it is, and anew while its text is changed.

import { $, element, say } from "./dom.js";
import { attempt, post } from "./http.js";

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

function draw({ faults, title, note, preview }) {
  $("profile-faults").hidden = !faults.length;
  $("profile-faults").replaceChildren(...items(faults));
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

let timer = 0;
let asked = 0;

async function look() {
  const form = $("profile-form");
  const number = asked += 1;
  await attempt(async () => {
    const found = await post("/office/profiles/check", { name: form.elements.name.value, text: form.elements.text.value });
    if (number === asked) draw(found); // an answer to what was typed before comes too late
  }, (words) => draw({ faults: [words] }));
}

draw(JSON.parse($("profile-preview").textContent));
$("profile-text").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE_MS);
});
