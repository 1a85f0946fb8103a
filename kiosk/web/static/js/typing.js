// Dialogs in which the operator types what no reader could read.

import { $, element, say } from "./dom.js";
import { fields, parts, working } from "./forms.js";
import { get, post } from "./http.js";

let about = 0; // the turn that the open dialog is about

/** Opens a dialog afresh: nothing of the student before is left in it. */
function openTyping({ detail }) {
  about = detail.about;
  const dialog = $(`${detail.name}-dialog`);
  const form = dialog.querySelector("form");
  form.reset();
  say(form.querySelector(".form-problem"), "");
  $("type-in-found").replaceChildren();
  dialog.showModal();
}

/** Closes the dialogs whose turn has passed. */
export function sweepTyping(turn) {
  if (about === turn) return;
  for (const form of document.querySelectorAll("form[data-address]")) form.closest("dialog").close();
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const typed = fields(form);
  if (!await working(parts(form), () => post(form.dataset.address, { ...typed, about }))) return;
  form.reset();
  form.closest("dialog").close();
}

/** Offers the students of the roster whom the number field may mean: a part of a name, or of a number. */
async function offer() {
  const [field, found] = [$("type-in-number"), $("type-in-found")];
  const text = field.value.trim();
  const students = text ? await get(`${found.dataset.address}?text=${encodeURIComponent(text)}`) ?? [] : [];
  if (text !== field.value.trim()) return; // typed on meanwhile: the later answer counts
  found.replaceChildren(...students.map((student) => element("button", { type: "button", onclick: () => choose(student) }, student.about)));
}

function choose(student) {
  const form = $("type-in-number").form;
  form.elements.number.value = student.number;
  form.elements.name.value = student.name;
  form.elements.ethnicity.value = student.ethnicity;
  $("type-in-found").replaceChildren();
  form.elements.why.focus();
}

export function startTyping() {
  document.addEventListener("type-in", openTyping);
  $("type-in-number").addEventListener("input", offer);
  for (const form of document.querySelectorAll("form[data-address]")) form.addEventListener("submit", send);
}
