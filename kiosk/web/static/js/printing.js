// Papers: set by a job, then offered as files that the browser shows and prints.

import { $, element, say, word } from "./dom.js";
import { fill } from "./forms.js";
import { post, Refused } from "./http.js";
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
  element("li", {}, element("a", { href: encodeURI(address), target: "_blank", textContent: name }))));

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
  say(problem, "");
  done.replaceChildren();
  for (const button of buttons) button.disabled = true;
  try {
    const { job } = await post(form.dataset.address, { ...Object.fromEntries(new FormData(form)), ...more });
    await follow(form, job);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(problem, error.message);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** The rooms as they would be. */
async function look() {
  const form = $("exam");
  const { problem } = place(form);
  say(problem, "");
  $("rooms").hidden = true;
  try {
    const { summary, rows } = await post("/office/print/seats", Object.fromEntries(new FormData(form)));
    say($("rooms").querySelector(".result-summary"), summary);
    fill($("rooms").querySelector("tbody"), rows);
    $("rooms").hidden = false;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(problem, error.message);
  }
}

for (const form of document.querySelectorAll("form[data-job]")) {
  form.addEventListener("submit", (event) => { event.preventDefault(); print(form); });
}
$("exam-look")?.addEventListener("click", look);
for (const button of document.querySelectorAll("dialog [data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
if ($("running")) follow($("running"), Number($("running").dataset.number)).catch((error) => say(place($("running")).problem, error.message));
