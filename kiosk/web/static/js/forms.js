// What forms of the office share: one job at a time, and what was wrong said where it was asked for.

import { element, say, word } from "./dom.js";
import { Refused } from "./http.js";

/** The parts of a form that has a result. */
export function parts(form) {
  const [problem, result, done, button] = [".form-problem", ".result", ".result-done", "button[type=submit]"]
    .map((found) => form.querySelector(found));
  return { form, problem, result, done, button };
}

/** Does a job while the form's button waits; resolves to whether it went well. */
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
