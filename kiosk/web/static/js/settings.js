// The settings' form: found by words, marked where something else than the default is said, and led back to it.

import { $, say, word } from "./dom.js";

const rows = [...document.querySelectorAll(".setting")];
const field = (row) => row.querySelector("[name]");
const texts = new Map(rows.map((row) => [row, `${row.textContent} ${row.closest("section").querySelector("h2").textContent}`.toLowerCase()]));

/** Whether a row says something else than the default. A secret that was left empty stays as it is. */
const differs = (row) => field(row).value !== field(row).dataset.default && !(field(row).type === "password" && !field(row).value);

function find() {
  const words = $("settings-search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const changed = $("settings-changed").checked;
  let found = 0;
  for (const row of rows) {
    row.hidden = !words.every((one) => texts.get(row).includes(one)) || (changed && !row.classList.contains("differs"));
    found += !row.hidden;
  }
  for (const section of document.querySelectorAll(".settings-sections section")) {
    section.hidden = !section.querySelector(".setting:not([hidden])");
  }
  for (const title of document.querySelectorAll(".settings-sections h3")) {
    let row = title.nextElementSibling;
    while (row?.matches(".setting[hidden]")) row = row.nextElementSibling;
    title.hidden = !row?.matches(".setting");
  }
  say($("settings-found"), words.length || changed ? word("ui.settings.found", { count: found }) : "");
}

function mark({ target }) {
  target.closest(".setting")?.classList.toggle("differs", differs(target.closest(".setting")));
}

function reset({ currentTarget: button }) {
  const one = $(button.dataset.reset);
  one.value = one.dataset.default;
  one.dispatchEvent(new Event("input", { bubbles: true }));
  one.focus();
}

for (const row of rows) {
  field(row).addEventListener("input", mark);
  row.querySelector("[data-reset]").addEventListener("click", reset);
}
$("settings-search").addEventListener("input", find);
$("settings-search").addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
$("settings-changed").addEventListener("change", find);
// What a fault is about must be seen, whatever is searched for.
document.querySelector(".settings").addEventListener("faults", () => {
  $("settings-search").value = "";
  $("settings-changed").checked = false;
  find();
});
find();
