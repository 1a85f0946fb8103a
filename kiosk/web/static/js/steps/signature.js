// The pad that somebody signs on, with pen, finger or mouse. What was drawn is forgotten as soon as something else is at hand.

import { say } from "../dom.js";
import { attempt } from "../http.js";
import { handIn } from "../panels.js";

const LEAST_MS = 4; // between two points: more say nothing about a hand
const panel = document.querySelector("[data-panel=signature]");
const pad = panel.querySelector("canvas");
const problem = panel.querySelector(".problem");
const button = (name) => panel.querySelector(`button.${name}`);
let strokes = [];
let began = 0;
let pointer = null; // the one that draws
let about = ""; // whose signature, at which turn

const tenth = (value, most) => Math.round(Math.min(Math.max(value, 0), most) * 10) / 10;

function point(event) {
  const box = pad.getBoundingClientRect();
  const last = strokes.at(-1)?.at(-1) ?? strokes.at(-2)?.at(-1);
  return [
    tenth(event.clientX - box.left, pad.clientWidth),
    tenth(event.clientY - box.top, pad.clientHeight),
    Math.max(Math.round(event.timeStamp - began), last?.[2] ?? 0),
    Math.round(event.pressure * 1000) / 1000,
  ];
}

function draw() {
  const pen = pad.getContext("2d");
  const scale = window.devicePixelRatio;
  pad.width = Math.round(pad.clientWidth * scale);
  pad.height = Math.round(pad.clientHeight * scale);
  pen.scale(scale, scale);
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    for (const [n, [x, y, , force]] of stroke.entries()) {
      const [fromX, fromY] = stroke[Math.max(n - 1, 0)];
      pen.lineWidth = 2 + 2.5 * force;
      pen.beginPath();
      pen.moveTo(fromX, fromY);
      pen.lineTo(x, y);
      pen.stroke();
    }
  }
  for (const name of ["undo", "again", "done"]) button(name).disabled = strokes.length === 0;
}

function keep(left) {
  strokes = left;
  pointer = null;
  say(problem, "");
  draw();
}

pad.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button !== 0) return;
  event.preventDefault();
  pad.setPointerCapture(event.pointerId);
  pointer = event.pointerId;
  if (!strokes.length) began = event.timeStamp;
  strokes.push([]);
  strokes.at(-1).push(point(event));
  say(problem, "");
  draw();
});

pad.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  const coalesced = event.getCoalescedEvents?.() ?? [];
  for (const one of coalesced.length ? coalesced : [event]) {
    const next = point(one);
    if (next[2] - strokes.at(-1).at(-1)[2] >= LEAST_MS) strokes.at(-1).push(next);
  }
  draw();
});

for (const end of ["pointerup", "pointercancel"]) {
  pad.addEventListener(end, (event) => { if (event.pointerId === pointer) pointer = null; });
}

const party = () => (panel.querySelector("[data-say=by_guardian]").hidden ? "student" : "guardian");

button("undo").addEventListener("click", () => keep(strokes.slice(0, -1)));
button("again").addEventListener("click", () => keep([]));
button("done").addEventListener("click", async () => {
  button("done").disabled = true;
  const given = { party: party(), width: pad.clientWidth, height: pad.clientHeight, strokes };
  await attempt(() => handIn(given), (words) => say(problem, words));
  button("done").disabled = strokes.length === 0;
});

document.addEventListener("panel", ({ detail: state }) => {
  const now = panel.hidden ? "" : `${state.turn} ${party()}`;
  if (now === about) return;
  about = now;
  keep([]);
});
addEventListener("resize", () => keep([])); // the pad is another one now
