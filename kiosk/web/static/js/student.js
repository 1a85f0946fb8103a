// The student's screen: one instruction at a time, beside what it is about.

import { $, element, fit, icon, picture, redraw, say } from "./dom.js";
import { follow } from "./http.js";
import { showPanel } from "./panels.js";
import { stay } from "./stay.js";
import { Viewer } from "./viewer.js";
import { Voice } from "./voice.js";

const viewer = new Viewer($("viewer"), { calm: false });
const ownWindow = "ownWindow" in $("booth").dataset; // which the station opened, and nobody is to leave
const voice = new Voice($("voice-unlock"), { heard: ownWindow });
const SUCCESS_MS = 1200; // how long the sign of success stays; nothing waits for it
let finished = null; // how many steps were finished in the snapshot before; null: before the first
let praise = 0;

export function show(state) {
  document.body.dataset.phase = state.phase;
  $("say").dataset.tone = state.tone;
  say($("instruction"), state.instruction);
  say($("instruction-small"), state.instructionSmall);
  say($("name"), state.name);
  $("presses").hidden = state.presses === null;
  redraw($("presses"), state.presses, (presses) => presses === null ? [] : pressed(...presses));
  redraw($("progress"), state.progress, (steps) => steps.map(progressStep));
  showCalled(state.called);
  fitInstruction();
  celebrate(state.progress.filter((step) => step.state === "done").length);
  const checking = state.data.length > 0;
  $("idle").hidden = state.phase !== "waiting";
  $("viewer").hidden = checking || !state.live;
  viewer.show({ live: state.live && !checking, tone: state.tone });
  showPanel(state);
  $("pictograms").hidden = state.panel !== null && state.cue !== "press";
  $("booth").dataset.stage = checking ? "own" : state.panel ? "panel" : state.answerS !== null ? "challenge" : state.live ? "live" : "pictogram";
  for (const pictogram of document.querySelectorAll("[data-pictogram]")) {
    pictogram.hidden = pictogram.dataset.pictogram !== state.pictogram;
  }
  $("own").hidden = !checking;
  picture($("own-photo"), checking ? state.pictures.portrait : null, state.instruction);
  redraw($("own-data"), state.data, (rows) => rows.map(ownLine));
  voice.hear(state.voice, state.instruction);
  countDown($("answer-time"), state.answerS, state.instruction);
}

const fitInstruction = () => fit($("say"), [$("instruction"), $("instruction-small")], { stacked: true });

/** Who of a class is called, as large as the name allows; that takes the place of the steps. */
function showCalled(called) {
  document.body.classList.toggle("in-line", called !== null);
  $("called").hidden = called === null;
  $("progress").hidden = called !== null;
  if (called === null) return;
  say($("called-name"), called.name);
  say($("called-then"), called.next);
  say($("called-place"), called.place);
  $("called-bar").style.inlineSize = `${called.share * 100}%`;
  fitCalled();
}

const fitCalled = () => { if (!$("called").hidden) fit($("called"), [$("called-name")]); };

function progressStep({ step, name, nameSmall, state }) {
  const done = state === "done";
  const line = element("li", { className: state, dataset: { step } },
    element("span", { className: "dot" }, icon(done ? "pass" : state === "todo" ? "todo" : "active")),
    element("strong", { textContent: name, lang: $("instruction").lang }),
    nameSmall ? element("small", { textContent: nameSmall, lang: $("instruction-small").lang }) : null);
  if (state === "active" || state === "decision") line.setAttribute("aria-current", "step");
  return line;
}

/** Of the presses that are wanted, those that came: a disc each. */
const pressed = (came, wanted) => [
  ...Array.from({ length: wanted }, (_, number) => element("span", { className: number < came ? "came" : "" }, icon(number < came ? "pass" : "finger"))),
  element("strong", { textContent: `${came}/${wanted}` }),
];

/** One of the student's own data; of a number that is masked only the end can be read. */
const ownLine = ({ field, label, value, masked }) =>
  element("div", { dataset: { field } }, element("dt", { textContent: label }),
    element("dd", {}, element("span", { className: "masked", textContent: "•".repeat(masked) }), element("span", { textContent: value })));

/** A sign of success for each step that is over. */
function celebrate(done) {
  const more = finished !== null && done > finished;
  finished = done;
  if (!more) return;
  clearTimeout(praise);
  $("success").hidden = false;
  praise = setTimeout(() => { $("success").hidden = true; }, SUCCESS_MS);
}

/** Time that runs out, from when this was said first: another snapshot that says the same doesn't start it anew. */
function countDown(bar, seconds, instruction) {
  bar.hidden = seconds === null;
  const what = seconds === null ? "" : `${seconds} ${instruction}`;
  if (bar.dataset.what === what) return;
  bar.dataset.what = what;
  for (const animation of bar.firstElementChild.getAnimations()) animation.cancel();
  if (seconds !== null) {
    bar.firstElementChild.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: seconds * 1000, fill: "forwards" });
  }
}

if (ownWindow) stay();
addEventListener("resize", () => { fitCalled(); fitInstruction(); });
follow("student", show);
