// What a browser makes by itself, in the page's language instead of the browser's: what is missing in a form, the button that
// chooses a file, fields for days and times. And help. On every page.

import { element, say, word } from "./dom.js";
import { startDates } from "./dates.js";
import { startHelp } from "./help.js";

/** Which field is missing or wrong: in the form's own line where it has one, else where the browser says it. */
addEventListener("invalid", (event) => {
  const field = event.target;
  const form = field.form;
  const problem = form?.querySelector(".form-problem");
  const choice = ["radio", "checkbox"].includes(field.type); // each has a label of its own, and all one question
  const label = ((choice && field.closest("fieldset")?.querySelector("legend")) || field.labels?.[0])?.textContent.trim() ?? "";
  const words = field.validity.customError && field.validationMessage ? field.validationMessage
    : word(field.validity.valueMissing ? "ui.form.missing" : "ui.form.wrong", { label });
  if (!problem) return field.setCustomValidity(words);
  event.preventDefault();
  if (form.querySelector(":invalid:not(fieldset)") !== field) return undefined; // one at a time, the first
  say(problem, words);
  return field.focus();
}, true);

/** What was said is over when the field changes; of radio buttons it was said of each. */
for (const kind of ["input", "change"]) {
  addEventListener(kind, ({ target }) => {
    for (const field of target.form?.elements ?? []) if (field.name === target.name && !field.dataset.date) field.setCustomValidity?.("");
  }, true);
}

/** A button and the file's name in our words; the browser's own field stays for keyboards and screen readers. */
function nameFiles(field) {
  const name = element("span", { className: "file-name", textContent: word("ui.file.none") });
  const button = element("label", { className: "button", textContent: word("ui.file.choose") });
  button.htmlFor = field.id;
  field.classList.add("unseen");
  field.after(element("span", { className: "file" }, button, name));
  const tell = () => say(name, [...field.files].map((file) => file.name).join(" · ") || word("ui.file.none"));
  field.addEventListener("change", tell);
  field.form?.addEventListener("reset", () => setTimeout(tell));
}

/** A menu that hangs from its button closes when somebody goes on elsewhere. */
function closeMenus({ target, key }) {
  if (key !== undefined && key !== "Escape") return;
  for (const menu of document.querySelectorAll(".appearance[open]")) if (key || !menu.contains(target)) menu.open = false;
}

for (const field of document.querySelectorAll("input[type=file]:not(.unseen)")) nameFiles(field);
startDates();
startHelp();
addEventListener("click", closeMenus);
addEventListener("keydown", closeMenus);
