// Rosters and lists of exam numbers: looked at as soon as a file is chosen, taken when somebody has seen what would change.

import { $, element, say, word } from "./dom.js";
import { fields, fill, parts, working } from "./forms.js";
import { download, post, Refused } from "./http.js";
import { barOf, watch } from "./jobs.js";

const roster = parts($("roster"));
const numbers = parts($("exam-numbers"));
const undoing = parts($("roster-undo"));
const substitutes = parts($("substitutes"));
let corrections = {};

function upload(form) {
  if (!form.elements.roster.files.length) throw new Refused(word("ui.roster.file_missing"));
  const body = new FormData(form);
  if (form === roster.form) body.set("columns", JSON.stringify(corrections));
  return body;
}

/** The answer of a request, watched in the form's bar where it takes long. */
async function asked(part, address, body) {
  const answer = await post(address, body);
  return answer.job ? watch(answer.job, barOf(part.form)) : answer;
}

async function look(part, address, show) {
  say(part.done, "");
  part.result.hidden = true;
  part.button.disabled = true;
  let mayTake = false;
  const good = await working(part, async () => { mayTake = show(await asked(part, address, upload(part.form))); });
  part.result.hidden = !good;
  part.button.disabled = !(good && mayTake);
}

const lookAtRoster = () => look(roster, "/office/roster/look", showRoster);
const lookAtNumbers = () => look(numbers, "/office/exam-numbers/look", showNumbers);

function showRoster({ summary, gone, kept, modes, left, elsewhere, fields, columns, problems, warnings, changes, counts }) {
  for (const [place, text] of [[".result-summary", summary], [".result-alarm", gone], [".result-note", kept]]) {
    say(roster.result.querySelector(place), text);
  }
  fill($("roster-columns").querySelector("tbody"), columns.map(({ sheet, column, header, field }) => [sheet, column, header, choice(header, field, fields)]));
  for (const place of $("roster-mode").querySelectorAll(".count")) say(place, modes[place.dataset.mode] ?? "");
  $("roster-left").querySelector("ul").replaceChildren(...left.map((line) => element("li", { textContent: line })));
  $("roster-transfer").hidden = !elsewhere && !roster.form.elements.transfer.checked;
  $("roster-marked").hidden = counts.problems + counts.warnings === 0;
  table("problems", counts.problems, problems.map(({ sheet, row, column, value, message }) => [sheet, String(row), column, value, message]));
  table("warnings", counts.warnings, warnings.map(({ sheet, row, column, value, message }) => [sheet, String(row), column, value, message]));
  table("changes", counts.gone + counts.changed + counts.added, changes.map(({ kind, kindName, name, number, group, words }) =>
    [element("span", { className: `change ${kind}`, textContent: kindName }), name, number, group, words]));
  $("roster-complete").checked = false;
  $("roster-complete").closest("label").hidden = counts.gone === 0;
  return counts.taken > 0 && counts.gone === 0;
}

function table(name, count, rows) {
  const part = $(`roster-${name}`);
  part.hidden = count === 0;
  say(part.querySelector(".count"), rows.length < count ? `${rows.length} / ${count}` : String(count));
  fill(part.querySelector("tbody"), rows);
}

function showNumbers({ summary, rows, sound }) {
  say(numbers.result.querySelector(".result-summary"), summary);
  numbers.result.querySelector(".scroll").hidden = rows.length === 0;
  fill(numbers.result.querySelector("tbody"), rows);
  return sound;
}

/** The file again, its bad cells marked, under its own name. */
function saveMarked() {
  const [file] = roster.form.elements.roster.files;
  const name = file.name.replace(/\.[^.]*$/, "");
  return working(roster, () => download("/office/roster/marked", upload(roster.form), `${name}-${word("ui.roster.marked_name")}.xlsx`));
}

function choice(header, field, fields) {
  const options = [element("option", { value: "", textContent: "—" }), ...fields.map(({ field: value, name }) => element("option", { value, textContent: name }))];
  const select = element("select", { "aria-label": header }, ...options);
  select.value = field;
  select.addEventListener("change", () => {
    corrections = { ...corrections, [header]: select.value };
    lookAtRoster();
  });
  return select;
}

/** What the page says of the roster, as it is after a change: counts, what can be taken back, who has no card, who left. */
async function showNow() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  for (const id of ["roster-now", "numbers-help", "roster-undoable", "roster-others", "roster-departures"]) {
    $(id).replaceChildren(...page.getElementById(id).childNodes);
  }
  substitutes.form.hidden = page.getElementById("substitutes").hidden && !substitutes.done.textContent;
  undoing.form.hidden = page.getElementById("roster-undo").hidden && !undoing.done.textContent;
  for (const place of $("roster-mode").querySelectorAll(".count")) say(place, "");
}

/** Does what changes the roster, and says it where it was asked for and nowhere else. */
function change(part, address, body) {
  return working(part, async () => {
    const answer = await asked(part, address, body());
    const summary = answer ? answer.summary : word("ui.job.stopped");
    for (const other of [roster, numbers, undoing, substitutes]) say(other.done, other === part ? summary : "");
    await showNow();
  });
}

function undo(event) {
  event.preventDefault();
  return change(undoing, "/office/roster/undo", () => ({}));
}

async function take(event, part, address) {
  event.preventDefault();
  const good = await change(part, address, () => upload(part.form));
  if (!good) return;
  part.result.hidden = true;
  part.button.disabled = true; // taken: another file first
}

roster.form.elements.roster.addEventListener("change", () => { corrections = {}; roster.form.elements.transfer.checked = false; lookAtRoster(); });
for (const choice of [...roster.form.elements.mode, roster.form.elements.school, roster.form.elements.transfer]) choice.addEventListener("change", () => { if (roster.form.elements.roster.files.length) lookAtRoster(); });
undoing.form.addEventListener("submit", undo);
substitutes.form.addEventListener("submit", (event) => {
  event.preventDefault();
  change(substitutes, "/office/roster/substitutes", () => fields(substitutes.form));
});
$("roster-marked").addEventListener("click", saveMarked);
$("roster-complete").addEventListener("change", () => { roster.button.disabled = !$("roster-complete").checked; });
roster.form.addEventListener("submit", (event) => take(event, roster, "/office/roster"));
numbers.form.elements.roster.addEventListener("change", lookAtNumbers);
numbers.form.addEventListener("submit", (event) => take(event, numbers, "/office/exam-numbers"));
