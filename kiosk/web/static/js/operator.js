// The operator's screen: every snapshot is drawn in full, part by part.

import { askBeforeClosing } from "./closing.js";
import { redoStep, showCommands, startCommands } from "./commands.js";
import { $, element, fit, icon, picture, redraw, say, word } from "./dom.js";
import { showDuplicates } from "./duplicates.js";
import { startDialogs } from "./forms.js";
import { attempt, follow, post } from "./http.js";
import { showPanel } from "./panels.js";
import { showRun, startRun } from "./run.js";
import { toast } from "./toast.js";
import { Viewer } from "./viewer.js";

const THUMBS = ["left_thumb", "right_thumb"];
const viewer = new Viewer($("viewer"), { calm: true });
let newest = { steps: [], step: null };
let chosenStep = null; // the step whose measures the operator wants to see; null: the one that matters

export function show(state) {
  if (state.step !== newest.step) chosenStep = null;
  newest = state;
  document.body.dataset.phase = state.phase;
  $("say").dataset.tone = state.tone;
  say($("phase"), state.phaseName);
  say($("instruction"), state.instruction);
  say($("notice"), state.notice || state.resumed);
  fitBanner();
  viewer.show(state);
  showWho(state);
  showComparison(state);
  showPanel(state);
  showRun(state);
  showThumbs(state);
  redraw($("steps"), [state.steps, state.redoable], ([steps]) => steps.map(stepLine));
  showMeasures();
  redraw($("devices"), state.devices, (devices) => devices.map(deviceLine));
  redraw($("counts"), state.counts, (counts) => counts.map(({ name, label, value }) =>
    element("div", { dataset: { count: name } }, element("dt", { textContent: label }), element("dd", { textContent: value }))));
  const devices = $("devices-open");
  if (devices) {
    devices.classList.toggle("due", state.untested !== "");
    devices.title = state.untested;
  }
  $("voice").setAttribute("aria-pressed", String(state.voice));
  showCommands(state);
  document.dispatchEvent(new CustomEvent("snapshot", { detail: state }));
}

const fitBanner = () => fit($("say"), [$("instruction"), $("notice")]);

/** A picture under its figure's own words. */
const photo = (name, address) => picture($(name), address, $(name).closest("figure").textContent.trim());

/** The scores that tell whether two faces are one person's. */
const likeness = (scores) => scores.filter((score) => score.likeness).flatMap(({ name, value, limit, met }) => [
  element("span", { textContent: name }),
  element("strong", { className: met ? "pass" : "fail", textContent: value }),
  element("span", { textContent: limit }),
]);

function showWho({ cardHeading, rosterEmpty, columns, near, warnings, pictures, steps }) {
  say($("card-heading"), cardHeading);
  $("roster").dataset.empty = rosterEmpty;
  $("near").hidden = near.length === 0;
  redraw($("near").querySelector("ul"), near, (found) => found.map(nearLine));
  photo("chip", pictures.chip_photo);
  photo("portrait", pictures.portrait ?? pictures.live_face);
  for (const column of ["card", "roster", "more"]) redraw($(column), columns[column], (rows) => rows.map(fieldLine));
  redraw($("warnings"), warnings, (found) => found.map((text) => element("li", {}, icon("review"), element("span", { textContent: text }))));
  const face = steps.find(({ step }) => step === "face");
  redraw($("verify"), face?.scores ?? [], likeness);
}

/** While a person decides about the face, chip photo and live face take the live picture's place, as large as can be; of a
 * suspected duplicate both students do. */
function showComparison(state) {
  const { phase, step, steps, pictures } = state;
  const doubled = showDuplicates(state);
  const deciding = !doubled && phase === "decision" && step === "face" && state.line === null; // of a class there is no chip photo
  $("compare").hidden = !deciding;
  $("viewer").hidden = deciding || doubled || state.panel !== null;
  $("thumbs").hidden = doubled || state.panel !== null || state.near.length > 0;
  if (!deciding) return;
  photo("compare-chip", pictures.chip_photo);
  photo("compare-live", pictures.portrait ?? pictures.live_face);
  const face = steps.find((found) => found.step === step);
  redraw($("compare-score"), [face.scores, face.problems], ([scores, problems]) => [
    ...likeness(scores),
    ...problems.slice(0, 1).map((text) => element("p", { textContent: text, title: problems.join("\n") })), // all stand beside the step
  ]);
}

/** Somebody of the roster who may be meant; what differs from the card is marked. */
function nearLine(almost) {
  const runs = (parts) => parts.map(({ text, differs }) => element(differs ? "mark" : "span", { textContent: text }));
  return element("li", {}, element("strong", {}, ...runs(almost.name)), element("span", { className: "figures" }, ...runs(almost.number)), element("small", { textContent: almost.class }));
}

function fieldLine({ field, label, value, same, variant }) {
  const state = same === null ? "" : same ? "same" : variant ? "variant" : "differs";
  return element("div", { className: state, dataset: { field } },
    element("dt", { textContent: label }),
    element("dd", {}, element("span", { textContent: value || "—" }), same === null ? null : icon(same ? "pass" : variant ? "review" : "fail")));
}

function showThumbs({ steps, pictures }) {
  for (const name of THUMBS) {
    const step = steps.find((found) => found.step === name);
    const tile = $(name);
    tile.dataset.state = step?.state ?? "todo";
    if (step) say(tile.querySelector("strong"), step.name);
    picture(tile.querySelector(".impression"), pictures[name], tile.querySelector("strong").textContent);
    say(tile.querySelector(".presses"), step?.presses ? `${step.presses[0]}/${step.presses[1]}` : "");
    redraw(tile.querySelector(".verdict"), step && [step.verdict, step.state, step.status], () => step ? [tag(step)] : []);
    redraw(tile.querySelector(".figures"), step?.scores ?? [], (scores) => scores.map(scoreLine));
  }
}

const scoreLine = ({ name, value, limit, met }) =>
  element("span", { className: met ? "score" : "score missed", textContent: `${name} ${value} ${limit}` });

const tag = ({ verdict, state, status }) =>
  element("span", { className: `tag ${verdict ?? state}` }, icon(verdict ?? (state === "done" ? "pass" : state)), element("span", { textContent: status }));

function stepLine(step) {
  const { name, state, attempts, scores, problems, reason, statements } = step;
  const details = [...scores.map(scoreLine), ...problems.map((text) => element("span", { className: "problem", textContent: text }))];
  details.push(...statements.map((text) => element("span", { className: "statement", textContent: text })));
  if (reason) details.push(element("span", { className: "reason", textContent: reason }));
  const line = element("li", { className: `step ${state}`, dataset: { step: step.step, verdict: step.verdict ?? "" } },
    element("button", { type: "button", onclick: () => { chosenStep = step.step; showMeasures(); } },
      element("span", { className: "step-head" }, element("strong", { textContent: name }), element("small", { textContent: attempts }), tag(step)),
      details.length ? element("span", { className: "step-details" }, ...details) : null),
    newest.redoable.some((one) => one.step === step.step) ? redoButton(step) : null);
  if (state === "active" || state === "decision") line.setAttribute("aria-current", "step");
  return line;
}

const redoButton = ({ step, name }) =>
  element("button", { type: "button", className: "redo", "aria-label": `${word("ui.redo")} ${name}`, textContent: word("ui.redo"), onclick: () => redoStep(step) });

function showMeasures() {
  const measured = newest.steps.filter(({ measures }) => measures.length);
  const shown = measured.find(({ step }) => step === (chosenStep ?? newest.step)) ?? measured.at(-1);
  // What failed comes first; the rest stays in its order.
  const sorted = [...(shown?.measures ?? [])].sort((a, b) => (a.verdict === "pass") - (b.verdict === "pass"));
  redraw($("measures"), sorted, (measures) => measures.map((measure) =>
    element("li", { className: measure.verdict, title: [measure.hint, measure.standard].filter(Boolean).join(" · ") },
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
      element("p", { textContent: problem || model, title: [problem, model, unverified].filter(Boolean).join(" · ") }),
      unverified && !problem ? element("small", { textContent: unverified }) : null));
}

$("voice").addEventListener("click", () => attempt(() => post("/voice", { on: $("voice").getAttribute("aria-pressed") !== "true" }), toast));

if ("mayEnd" in $("desk").dataset) askBeforeClosing();
startCommands();
startDialogs();
startRun();
document.addEventListener("show-again", () => show(newest));
addEventListener("resize", fitBanner);
follow("operator", show);
