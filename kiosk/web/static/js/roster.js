// The roster: a file is looked at as soon as it is chosen, and taken when the operator has seen what would change.

import { $, element, say, word } from "./dom.js";
import { fill, opens, parts, working } from "./dialogs.js";
import { download, post, Refused } from "./http.js";

const dialog = parts($("roster-dialog"));
let corrections = {};

function upload() {
  if (!dialog.form.elements.roster.files.length) throw new Refused(word("ui.roster.file_missing"));
  const body = new FormData(dialog.form);
  body.set("columns", JSON.stringify(corrections));
  return body;
}

async function look() {
  dialog.done.replaceChildren();
  dialog.result.hidden = true;
  dialog.button.disabled = true;
  const good = await working(dialog, async () => show(await post("/office/roster/look", upload())));
  dialog.result.hidden = !good;
  dialog.button.disabled = !good;
}

function show({ summary, gone, unread, fields, columns, problems, warnings }) {
  for (const [place, text] of [[".result-summary", summary], [".result-alarm", gone], [".result-note", unread]]) {
    say(dialog.result.querySelector(place), text);
  }
  fill($("roster-columns").querySelector("tbody"), columns.map(({ column, header, field }) => [column, header, choice(header, field, fields)]));
  $("roster-marked").hidden = problems.length + warnings.length === 0;
  for (const [name, found] of [["problems", problems], ["warnings", warnings]]) {
    $(`roster-${name}`).hidden = found.length === 0;
    fill($(`roster-${name}`).querySelector("tbody"), found.map(({ sheet, row, column, value, message }) => [sheet, String(row), column, value, message]));
  }
}

/** The file again, its bad cells marked, under its own name. */
function saveMarked() {
  const [file] = dialog.form.elements.roster.files;
  const name = file.name.replace(/\.[^.]*$/, "");
  return working(dialog, () => download("/office/roster/marked", upload(), `${name}-${word("ui.roster.marked_name")}.xlsx`));
}

function choice(header, field, fields) {
  const options = [element("option", { value: "", textContent: "—" }), ...fields.map(({ field: value, name }) => element("option", { value, textContent: name }))];
  const select = element("select", { "aria-label": header }, ...options);
  select.value = field;
  select.addEventListener("change", () => {
    corrections = { ...corrections, [header]: select.value };
    look();
  });
  return select;
}

async function take(event) {
  event.preventDefault();
  const good = await working(dialog, async () => say(dialog.done, (await post("/office/roster", upload())).summary));
  if (!good) return;
  dialog.result.hidden = true;
  dialog.button.disabled = true; // taken: another file first
}

export function startRoster() {
  opens("roster-open", dialog, () => { dialog.button.disabled = true; });
  dialog.form.elements.roster.addEventListener("change", () => { corrections = {}; look(); });
  $("roster-marked").addEventListener("click", saveMarked);
  dialog.form.addEventListener("submit", take);
}
