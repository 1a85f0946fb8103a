// Papers: set by a job, then offered as files that the browser shows and prints.

import { $, element, say, word } from "./dom.js";
import { fields, fill, guarded, startDialogs } from "./forms.js";
import { post } from "./http.js";
import { watch } from "./jobs.js";

const place = (form) => Object.fromEntries([["problem", ".form-problem"], ["done", ".result-done"], ["bar", ".job"]].map(([name, found]) => [name, form.querySelector(found)]));

async function follow(form, number) {
  const { done, bar } = place(form);
  const result = await watch(number, bar);
  if (result === null) say(done, word("ui.print.stopped"));
  else if (result.unprintable) await askFirst(form, result.unprintable);
  else done.replaceChildren(element("p", { className: "path", textContent: result.folder }), list(result.files));
}

const list = (files) => element("ul", { className: "files" }, ...files.map(({ name, address }) =>
  element("li", {}, element("a", { href: address, target: "_blank", textContent: name }))));

/** Names that would print with gaps are looked at first. */
async function askFirst(form, names) {
  const dialog = $("unprintable");
  if (!dialog) return print(form, { anyway: "1" }); // one form, looked at on the screen it stands on
  fill(dialog.querySelector("tbody"), names);
  $("unprintable-anyway").onclick = () => { dialog.close(); print(form, { anyway: "1" }); };
  dialog.showModal();
}

async function print(form, more = {}) {
  const { problem, done } = place(form);
  const buttons = form.querySelectorAll("button:not(.job-stop)");
  done.replaceChildren();
  for (const button of buttons) button.disabled = true;
  try {
    await guarded(problem, async () => {
      const { job } = await post(form.dataset.address, { ...fields(form), ...more });
      await follow(form, job);
    });
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-job]")) {
  form.addEventListener("submit", (event) => { event.preventDefault(); print(form); });
}
startDialogs();
if ($("running")) guarded(place($("running")).problem, () => follow($("running"), Number($("running").dataset.number)));
