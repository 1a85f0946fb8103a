// The export: what is missing is shown first, then the files are written.

import { $, element, say } from "./dom.js";
import { fill, opens, parts, working } from "./dialogs.js";
import { post } from "./http.js";

const dialog = parts($("export-dialog"));

const asked = () => Object.fromEntries(new FormData(dialog.form));

async function check() {
  dialog.done.replaceChildren();
  dialog.result.hidden = true;
  const good = await working(dialog, async () => {
    const { summary, problems } = await post("/office/export/check", asked());
    say(dialog.result.querySelector(".result-summary"), summary);
    dialog.result.querySelector(".scroll").hidden = problems.length === 0;
    dialog.result.querySelector(".radios").hidden = problems.length === 0;
    fill(dialog.result.querySelector("tbody"), problems.map((entry) => [entry.name, entry.number, entry.class, list(entry.problems)]));
  });
  dialog.result.hidden = !good;
}

const list = (texts) => element("ul", {}, ...texts.map((text) => element("li", { textContent: text })));

async function write(event) {
  event.preventDefault();
  await working(dialog, async () => {
    const { summary, sheet, folder } = await post("/office/export", asked());
    dialog.done.replaceChildren(element("p", { textContent: summary }), element("p", { className: "path", textContent: sheet || folder }));
  });
}

export function startExport() {
  opens("export-open", dialog, check);
  dialog.form.elements.profile.addEventListener("change", check);
  dialog.form.addEventListener("submit", write);
}
