// The export: what is missing is shown first, then the files are written; both can be watched and stopped.

import { $, element, say, word } from "./dom.js";
import { fill, guarded } from "./forms.js";
import { post } from "./http.js";
import { watch } from "./jobs.js";

const PER_PAGE = 50;
const form = $("export");
const profile = form.elements.profile;
let students = [];
let page = 0;
let asked = 0; // a newer look at another profile makes an older one's answer worthless

const isForTeachers = () => Boolean(profile.selectedOptions[0].dataset.teachers);

function choose() {
  asked += 1;
  $("report").hidden = true;
  $("which").hidden = true;
  $("done").replaceChildren();
  say($("export-problem"), "");
  say($("export-note"), profile.selectedOptions[0].dataset.note);
  $("teachers").hidden = !isForTeachers();
  $("check").hidden = isForTeachers();
}

function check() {
  const mine = ++asked;
  $("report").hidden = true;
  return guarded($("report-problem"), async () => {
    const { job } = await post("/office/export/check", { profile: profile.value, school: form.elements.school?.value ?? "" });
    const leave = () => { post(`/office/jobs/${job}/stop`).catch(() => {}); }; // nobody waits for a report that nobody sees
    addEventListener("pagehide", leave, { once: true });
    const found = await watch(job, $("report-job"));
    removeEventListener("pagehide", leave);
    if (mine !== asked) return;
    if (found === null) say($("report-problem"), word("ui.job.stopped"));
    else report(found, job);
  });
}

function report({ summary, shortfall, bad, kinds, students: faulty, not_listed: others }, job) {
  say($("not-listed"), others);
  say($("shortfall"), shortfall.join(" "));
  say($("report").querySelector(".result-summary"), summary);
  $("faulty").hidden = $("which").hidden = bad === 0;
  fill($("kinds").tBodies[0], kinds);
  for (const row of $("kinds").rows) row.cells[1].className = "number";
  $("problem-sheet").href = `/office/export/problems/${job}.xlsx`;
  students = faulty;
  show(0);
  $("report").hidden = false;
}

function show(wanted) {
  const pages = Math.max(1, Math.ceil(students.length / PER_PAGE));
  page = Math.min(Math.max(wanted, 0), pages - 1);
  const shown = students.slice(page * PER_PAGE, (page + 1) * PER_PAGE);
  fill($("students").tBodies[0], shown.map((one) => [one.group, name(one), one.number, list(one.problems)]));
  say($("place"), word("ui.records.page", { page: page + 1, pages }));
  $("previous").disabled = page === 0;
  $("next").disabled = page === pages - 1;
}

const name = ({ name: words, record }) => (record ? element("a", { href: `/records/${record}`, target: "_blank", textContent: words }) : words);
const list = (texts) => element("ul", {}, ...texts.map((text) => element("li", { textContent: text })));

/** What leaves in the clear needs somebody who answers for it; what is sealed does not. */
function lock() {
  const seal = form.elements.seal.value;
  $("export-plain").disabled = $("export-plain").hidden = seal !== "";
  $("export-secret").hidden = form.elements.password.disabled = seal !== "password";
  form.elements.password.required = seal === "password";
  $("export-password-help").hidden = seal === "";
}

async function write(event) {
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  $("done").replaceChildren();
  await guarded($("export-problem"), async () => {
    const { job, summary, problems } = await post("/office/export", new FormData(form));
    if (job) await follow(job);
    else $("done").replaceChildren(element("p", { className: "result-alarm", textContent: summary }), list(problems.map((cells) => cells.join(" · "))));
  });
  button.disabled = false;
}

async function follow(job) {
  const result = await watch(job, $("export-job"));
  if (result === null) return say($("export-problem"), word("ui.job.stopped"));
  $("done").classList.toggle("short", result.exports.some(({ shortfall }) => shortfall.length > 0));
  $("done").replaceChildren(...result.exports.flatMap(written));
}

function written({ school, summary, shortfall, folder, sheets, zip, manifest }) {
  return [
    ...(school ? [element("h2", { textContent: school })] : []),
    element("p", { textContent: summary }), ...shortfall.map((words) => element("p", { className: "left-out", textContent: words })),
    element("p", { className: "path", textContent: folder }), element("p", { className: "path", textContent: sheets.join("、") }),
    element("p", { className: "links" },
      element("a", { className: "button", href: zip, download: "", textContent: $("done").dataset[manifest ? "zip" : "package"] }),
      ...(manifest ? [element("a", { className: "button", href: manifest, target: "_blank", textContent: $("done").dataset.manifest })] : [])),
  ];
}

/** Which schools, where each is to have an export of its own. */
function chooseSchools() {
  const schools = $("export-schools");
  if (schools) schools.hidden = schools.disabled = form.elements.school.value !== form.dataset.each;
}

form.elements.school?.addEventListener("change", () => { chooseSchools(); if (!isForTeachers()) check(); });
profile.addEventListener("change", () => { choose(); if (!isForTeachers()) check(); });
$("check").addEventListener("click", check);
form.elements.seal.addEventListener("change", lock);
$("previous").addEventListener("click", () => show(page - 1));
$("next").addEventListener("click", () => show(page + 1));
form.addEventListener("submit", write);
lock();
chooseSchools();
choose();
if (Number(form.dataset.running)) guarded($("export-problem"), () => follow(Number(form.dataset.running)));
else if (!isForTeachers()) check();
