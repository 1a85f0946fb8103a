// What forms and dialogs share: one job at a time, and what was wrong said where it was asked for.

import { element, say, word } from "./dom.js";
import { attempt } from "./http.js";

/** The parts of a form that has a result. */
export function parts(form) {
  const [problem, result, done, button] = [".form-problem", ".result", ".result-done", "button[type=submit]"]
    .map((found) => form.querySelector(found));
  return { form, problem, result, done, button };
}

/** What a form says, field by field. */
export const fields = (form) => Object.fromEntries(new FormData(form));

/** Does a job; what was refused is said in `problem`. Resolves to whether it went well. */
export function guarded(problem, job) {
  say(problem, "");
  return attempt(job, (words) => say(problem, words));
}

/** Does a job while the form's button waits; resolves to whether it went well. */
export async function working({ problem, button }, job) {
  const [label, closed] = [button.textContent, button.disabled];
  button.disabled = true;
  say(button, word("ui.working"));
  try {
    return await guarded(problem, job);
  } finally {
    say(button, label);
    button.disabled = closed;
  }
}

/** Fills a table's body with rows of texts or elements. */
export function fill(body, rows) {
  body.replaceChildren(...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell)))));
}

/** Lets the dialogs' own buttons close them. */
export function startDialogs() {
  for (const button of document.querySelectorAll("dialog [data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
}
