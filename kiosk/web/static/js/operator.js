// The operator's screen: every snapshot is drawn in full, part by part.

import { showCommands, startCommands } from "./commands.js";
import { $, element, icon, picture, redraw, say } from "./dom.js";
import { showDuplicates } from "./duplicates.js";
import { follow, post, Refused } from "./http.js";
import { toast } from "./toast.js";
import { Viewer } from "./viewer.js";

const THUMBS = ["left_thumb", "right_thumb"];
const viewer = new Viewer($("viewer"), { calm: true });
let chosenStep = null; // the step whose measures the operator wants to see; null: the one that matters

function show(state) {
  document.body.dataset.phase = state.phase;
  $("say").dataset.tone = state.tone;
  say($("phase"), state.phaseName);
  say($("instruction"), state.instruction);
  say($("notice"), state.notice || state.resumed);
  viewer.show(state);
  showWho(state);
  showComparison(state);
  showThumbs(state);
  redraw($("steps"), state.steps, (steps) => steps.map(stepLine));
  showMeasures(state);
  redraw($("devices"), state.devices, (devices) => devices.map(deviceLine));
  redraw($("counts"), state.counts, (counts) => counts.map(({ name, label, value }) =>
    element("div", { dataset: { count: name } }, element("dt", { textContent: label }), element("dd", { textContent: value }))));
  $("voice").setAttribute("aria-pressed", String(state.voice));
  showCommands(state.commands);
  document.dispatchEvent(new CustomEvent("snapshot", { detail: state }));
}

function showWho({ columns, warnings, pictures, steps }) {
  picture($("chip"), pictures.chip_photo, $("chip").closest("figure").textContent.trim());
  picture($("portrait"), pictures.portrait ?? pictures.live_face, $("portrait").closest("figure").textContent.trim());
  for (const column of ["card", "roster", "more"]) redraw($(column), columns[column], (rows) => rows.map(fieldLine));
  redraw($("warnings"), warnings, (found) => found.map((text) => element("li", {}, icon("review"), element("span", { textContent: text }))));
  const face = steps.find(({ step }) => step === "face");
  redraw($("verify"), face?.scores ?? [], (scores) => scores.filter(({ likeness }) => likeness).flatMap((score) => [
    element("span", { textContent: score.name }),
    element("strong", { className: score.met ? "pass" : "fail", textContent: score.value }),
    element("span", { textContent: score.limit }),
  ]));
}

/** While a person decides about the face, chip photo and live face take the live picture's place, as large as can be; of a
 * suspected duplicate both students do. */
function showComparison(state) {
  const { phase, step, steps, pictures } = state;
  const doubled = showDuplicates(state);
  const deciding = !doubled && phase === "decision" && step === "face";
  $("compare").hidden = !deciding;
  $("viewer").hidden = deciding || doubled;
  $("thumbs").hidden = doubled;
  if (!deciding) return;
  picture($("compare-chip"), pictures.chip_photo, $("compare-chip").closest("figure").textContent.trim());
  picture($("compare-live"), pictures.portrait ?? pictures.live_face, $("compare-live").closest("figure").textContent.trim());
  const face = steps.find((found) => found.step === step);
  redraw($("compare-score"), [face.scores, face.problems], ([scores, problems]) => [
    ...scores.filter(({ likeness }) => likeness).flatMap(({ name, value, limit, met }) => [
      element("span", { textContent: name }),
      element("strong", { className: met ? "pass" : "fail", textContent: value }),
      element("span", { textContent: limit }),
    ]),
    ...problems.map((text) => element("p", { textContent: text })),
  ]);
}

function fieldLine({ field, label, value, same }) {
  const state = same === null ? "" : same ? "same" : "differs";
  return element("div", { className: state, dataset: { field } },
    element("dt", { textContent: label }),
    element("dd", {}, element("span", { textContent: value || "—" }), same === null ? null : icon(same ? "pass" : "fail")));
}

function showThumbs({ steps, pictures }) {
  for (const name of THUMBS) {
    const step = steps.find((found) => found.step === name);
    const tile = $(name);
    tile.dataset.state = step?.state ?? "todo";
    if (step) say(tile.querySelector("strong"), step.name);
    picture(tile.querySelector(".impression"), pictures[name], tile.querySelector("strong").textContent);
    redraw(tile.querySelector(".verdict"), step && [step.verdict, step.state, step.status], () => step ? [tag(step)] : []);
    redraw(tile.querySelector(".figures"), step?.scores ?? [], (scores) => scores.map(scoreLine));
  }
}

const scoreLine = ({ name, value, limit, met }) =>
  element("span", { className: met ? "score" : "score missed", textContent: `${name} ${value} ${limit}` });

const tag = ({ verdict, state, status }) =>
  element("span", { className: `tag ${verdict ?? state}` }, icon(verdict ?? (state === "done" ? "pass" : state)), element("span", { textContent: status }));

function stepLine(step) {
  const { name, state, attempts, scores, problems, reason } = step;
  const details = [...scores.map(scoreLine), ...problems.map((text) => element("span", { className: "problem", textContent: text }))];
  if (reason) details.push(element("span", { className: "reason", textContent: reason }));
  const line = element("li", { className: `step ${state}`, dataset: { step: step.step, verdict: step.verdict ?? "" } },
    element("button", { type: "button", onclick: () => { chosenStep = step.step; showMeasures(latest); } },
      element("span", { className: "step-head" }, element("strong", { textContent: name }), element("small", { textContent: attempts }), tag(step)),
      details.length ? element("span", { className: "step-details" }, ...details) : null));
  if (state === "active" || state === "decision") line.setAttribute("aria-current", "step");
  return line;
}

let latest = { steps: [], step: null };

function showMeasures(state) {
  if (state.step !== latest.step) chosenStep = null;
  latest = state;
  const measured = state.steps.filter(({ measures }) => measures.length);
  const shown = measured.find(({ step }) => step === (chosenStep ?? state.step)) ?? measured.at(-1);
  // What failed comes first; the rest stays in its order.
  const sorted = [...(shown?.measures ?? [])].sort((a, b) => (a.verdict === "pass") - (b.verdict === "pass"));
  redraw($("measures"), sorted, (measures) => measures.map((measure) =>
    element("li", { className: measure.verdict, title: measure.standard },
      icon(measure.verdict),
      element("span", { textContent: measure.name }),
      element("span", { className: "figures", textContent: measure.value }),
      element("span", { className: "limit", textContent: measure.limit }))));
}

function deviceLine({ kind, name, state, stateName, model, problem, unverified }) {
  return element("li", { className: `device ${state}`, dataset: { device: kind } },
    icon(kind),
    element("div", {},
      element("strong", { textContent: name }), element("span", { className: "device-state", textContent: stateName }),
      element("p", { textContent: problem || model, title: [model, unverified].filter(Boolean).join(" · ") }),
      unverified && !problem ? element("small", { textContent: unverified }) : null));
}

$("voice").addEventListener("click", () => post("/voice", { on: $("voice").getAttribute("aria-pressed") !== "true" }).catch(told));

function told(error) {
  if (!(error instanceof Refused)) throw error;
  toast(error.message);
}

startCommands();
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
let newest = null;
document.addEventListener("show-again", () => show(newest));
follow("operator", (state) => show(newest = state));
