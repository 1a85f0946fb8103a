// The ID document's picture: the card is looked for in the live picture, shot, looked at, and kept with a number that was read.

import { $, element, say, word } from "./dom.js";
import { fields, parts, working } from "./forms.js";
import { get, pause, post, visible } from "./http.js";
import { Viewer } from "./viewer.js";

const FIND_MS = 350;
const shoot = parts($("shoot"));
const keep = parts($("keep"));

/** Draws the card's outline over the live picture. */
async function find() {
  for (;;) {
    await visible();
    const corners = (await get("/office/document/find"))?.corners ?? [];
    $("outline").setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
    $("viewer").classList.toggle("found", corners.length > 0);
    say($("find"), word(corners.length > 0 ? "ui.document.found" : "ui.document.none_in_picture"));
    await pause(FIND_MS);
  }
}

const make = (address, body) => working(shoot, async () => {
  const { draft, address: picture, words } = await post(address, body);
  $("made").replaceChildren(element("img", { src: picture, alt: words }));
  say($("made-words"), words);
  keep.form.elements.draft.value = draft;
  keep.form.elements.number.value = "";
  ready();
  keep.form.elements.number.focus();
});

/** Only a picture with somebody to go with can be kept. */
function ready() {
  const chosen = document.querySelector("[name=record]:checked");
  say($("chosen-name"), chosen?.dataset.name ?? "—");
  keep.button.disabled = !(chosen && keep.form.elements.draft.value);
}

async function store(event) {
  event.preventDefault();
  const good = await working(keep, async () => {
    const { message } = await post("/office/document/keep", fields(keep.form));
    say($("said"), message);
    $("said").hidden = false;
  });
  if (!good) return;
  const chosen = document.querySelector("[name=record]:checked").closest(".person");
  chosen.classList.add("kept");
  keep.form.elements.draft.value = "";
  keep.form.elements.number.value = "";
  $("made").replaceChildren();
  say($("made-words"), "");
  const following = chosen.nextElementSibling?.querySelector("input");
  if (following) following.checked = true;
  ready();
}

shoot.form.addEventListener("submit", (event) => { event.preventDefault(); make("/office/document/shoot", new FormData(shoot.form)); });
$("picture-file").addEventListener("change", () => {
  if (!$("picture-file").files.length) return;
  make("/office/document/file", new FormData(shoot.form));
  $("picture-file").value = "";
});
for (const choice of document.querySelectorAll("[name=record]")) choice.addEventListener("change", ready);
keep.form.addEventListener("submit", store);
ready();
addEventListener("load", () => { // first the page, then what moves on it
  new Viewer($("viewer"), { calm: false }).show({ live: true, tone: "neutral" });
  find();
});
