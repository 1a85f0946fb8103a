// Dialogs in which the operator types what no reader could read.

import { $, say, word } from "./dom.js";
import { post, Refused } from "./http.js";

const NAME_KEPT_AS = "kiosk.decided-by";

/** Opens a dialog afresh: nothing of the student before is left in it. */
export function openTyping(name) {
  const dialog = $(`${name}-dialog`);
  const form = dialog.querySelector("form");
  form.reset();
  say(form.querySelector(".form-problem"), "");
  if (form.elements.by) form.elements.by.value = sessionStorage.getItem(NAME_KEPT_AS) ?? "";
  dialog.showModal();
}

/** Closes every dialog but these: the moment of the others has passed. */
export function closeTyping(possible) {
  for (const form of document.querySelectorAll("form[data-address]")) {
    const dialog = form.closest("dialog");
    if (dialog.open && !possible.some((name) => dialog.id === `${name}-dialog`)) dialog.close();
  }
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const [button, problem] = [form.querySelector("button[type=submit]"), form.querySelector(".form-problem")];
  const typed = Object.fromEntries(new FormData(form));
  if (typed.by) sessionStorage.setItem(NAME_KEPT_AS, typed.by.trim());
  const label = button.textContent;
  button.disabled = true;
  say(button, word("ui.working"));
  try {
    await post(form.dataset.address, typed);
    form.reset();
    form.closest("dialog").close();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(problem, error.message);
  } finally {
    button.disabled = false;
    say(button, label);
  }
}

export function startTyping() {
  for (const form of document.querySelectorAll("form[data-address]")) form.addEventListener("submit", send);
}
