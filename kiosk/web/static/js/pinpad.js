// Number keys below a PIN's field while it is being filled. Whoever has a keyboard types as ever; letters bring the tablet's own.

import { $ } from "./dom.js";

const pad = $("pinpad").content.firstElementChild;
let field = null;

function open({ target }) {
  if (target === field) return;
  field = target;
  field.after(pad);
}

for (const one of document.querySelectorAll('input[type="password"]')) {
  one.inputMode = "none";
  one.addEventListener("focus", open);
  if (document.activeElement === one) open({ target: one });
}

pad.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
pad.addEventListener("click", ({ target }) => {
  const { key } = target.dataset;
  if (key === undefined) return;
  if (key === "letters") {
    field.inputMode = "text";
    field.blur();
  } else if (field.value.length < field.maxLength || field.maxLength < 0 || key === "back") {
    field.value = key === "back" ? field.value.slice(0, -1) : field.value + key;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.focus();
});
