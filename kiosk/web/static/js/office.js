// Roster in, export out: two dialogs.

import { $, element, say, word } from "./dom.js";
import { post, Refused } from "./http.js";

/** Runs a dialog's job: one at a time, its result or what was wrong shown in the dialog. */
function runs(dialog, job) {
  const form = dialog.querySelector("form");
  const [problem, result, button] = [".form-problem", ".result", "button[type=submit]"].map((found) => form.querySelector(found));
  const label = button.textContent;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(problem, "");
    result.hidden = true;
    button.disabled = true;
    say(button, word("ui.working"));
    try {
      await job(form, result);
      result.hidden = false;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(problem, error.message);
    } finally {
      button.disabled = false;
      say(button, label);
    }
  });
}

async function importRoster(form, result) {
  if (!form.elements.roster.files.length) throw new Refused(word("ui.roster.file_missing"));
  const answer = await post("/office/roster", new FormData(form));
  say(result.querySelector(".result-summary"), answer.summary);
  result.querySelector(".scroll").hidden = answer.problems.length === 0;
  result.querySelector("tbody").replaceChildren(...answer.problems.map(({ row, column, value, message }) =>
    element("tr", {}, ...[row, column, value, message].map((text) => element("td", { textContent: text })))));
}

async function writeExport(_form, result) {
  const answer = await post("/office/export");
  say(result.querySelector(".result-summary"), answer.summary);
  const [sheet, folder] = result.querySelectorAll("dd");
  say(sheet, answer.sheet);
  say(folder, answer.folder);
}

export function startOffice() {
  for (const [name, job] of [["roster", importRoster], ["export", writeExport]]) {
    const dialog = $(`${name}-dialog`);
    runs(dialog, job);
    $(`${name}-open`).addEventListener("click", () => {
      dialog.querySelector(".result").hidden = true;
      say(dialog.querySelector(".form-problem"), "");
      dialog.showModal();
    });
  }
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}
