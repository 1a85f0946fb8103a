// What the office's dialogs share: one job at a time, and what was wrong said in the dialog.

import { $, element, say, word } from "./dom.js";
import { Refused } from "./http.js";

/** The parts of a dialog that all of them have. */
export function parts(dialog) {
  const [form, problem, result, done, button] = ["form", ".form-problem", ".result", ".result-done", "button[type=submit]"]
    .map((found) => dialog.querySelector(found));
  return { dialog, form, problem, result, done, button };
}

/** Does a job while the dialog's button waits; resolves to whether it went well. */
export async function working({ problem, button }, job) {
  const [label, closed] = [button.textContent, button.disabled];
  say(problem, "");
  button.disabled = true;
  say(button, word("ui.working"));
  try {
    await job();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(problem, error.message);
    return false;
  } finally {
    say(button, label);
    button.disabled = closed;
  }
}

/** Fills a table's body with rows of texts or elements. */
export function fill(body, rows) {
  body.replaceChildren(...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell)))));
}

/** Opens a dialog by its button, as new each time. */
export function opens(button, { dialog, form, problem, result, done }, start = () => {}) {
  $(button).addEventListener("click", () => {
    form.reset();
    result.hidden = true;
    done.replaceChildren();
    say(problem, "");
    dialog.showModal();
    start();
  });
}
