// A door on exam day: the student's half, and the operator's with orders and a keypad, so that nobody needs a keyboard.

import { $, element, picture, redraw, say, word } from "./dom.js";
import { attempt, follow, post } from "./http.js";
import { Viewer } from "./viewer.js";

const operates = $("orders") !== null;
const viewer = new Viewer($("viewer"), { calm: false });
const TONES = { good: [660, 880], stop: [220, 160] };
const NOTE_S = 0.16;
const BY_PINYIN = new Intl.Collator("zh-CN-u-co-pinyin");
let turn = 0;
let session = 0;
let sounded = 0;
let sound = null;

/** Two notes, upwards for a seat and downwards for a no; browsers want one touch of the page before the first. */
function ring(tones, number) {
  if (!tones || sounded === number) return;
  sounded = number;
  sound ??= new AudioContext();
  tones.forEach((pitch, at) => {
    const note = sound.createOscillator();
    const loudness = sound.createGain();
    loudness.gain.value = 0.2;
    note.frequency.value = pitch;
    note.connect(loudness).connect(sound.destination);
    note.start(sound.currentTime + at * NOTE_S);
    note.stop(sound.currentTime + (at + 1) * NOTE_S);
  });
}

function showStudent(state) {
  $("candidate").dataset.tone = state.studentTone;
  $("candidate").dataset.kind = state.kind;
  say($("title"), state.title);
  say($("title-small"), state.titleSmall);
  say($("place"), state.place);
  say($("thumb"), state.thumb);
  for (const one of document.querySelectorAll("[data-pictogram]")) one.hidden = one.dataset.pictogram !== state.pictogram;
  say($("name"), state.name);
  $("viewer").hidden = !state.live;
  viewer.show({ live: state.live, tone: state.studentTone });
  ring(TONES[state.sound], state.number);
}

function showOperator(state) {
  turn = state.turn;
  session = state.session;
  redraw($("alarms"), state.alarms, (alarms) => alarms.map(alarmLine));
  $("verdict").dataset.tone = state.tone;
  say($("operator"), state.operator);
  const who = state.candidate;
  say($("about"), who ? [who.examNumber, who.idNumber, who.school, who.place].filter(Boolean).join(" · ") : "");
  $("portrait").hidden = !who?.portrait;
  picture($("portrait"), who ? who.portrait : null, who ? who.name : "");
  say($("where"), state.post.where);
  say($("session"), state.post.session);
  say($("latest"), state.post.latest);
  redraw($("orders"), state.orders, (orders) => orders.map(orderButton));
  redraw($("devices"), state.devices, (devices) => devices.map((one) =>
    element("li", { className: `tag ${one.state === "ready" ? "pass" : "fail"}`, title: one.problem, textContent: one.words })));
  for (const [name, count] of Object.entries(state.counts)) {
    say($("tally").querySelector(`[data-count="${name}"] dd`), String(count));
  }
  $("finding").classList.toggle("closed", !state.searches);
  if (!state.searches) forget();
}

const problem = (words) => say($("problem"), words);

function orderButton({ order, label }) {
  const button = element("button", { type: "button", textContent: label, dataset: { order } });
  button.addEventListener("click", () => attempt(async () => {
    problem("");
    await post("/door/order", { order, turn });
  }, problem));
  return button;
}

/** Somebody whom this door and another one let in: until somebody has gone to the seat. */
function alarmLine({ candidate, words }) {
  const button = element("button", { type: "button", textContent: word("ui.door.verified") });
  button.addEventListener("click", () => attempt(() => post("/door/verified", { candidate, session }), problem));
  return element("p", { className: "alarm" }, element("span", { textContent: words }), button);
}

/** The search as it was before anybody was looked for. */
function forget() {
  $("found").replaceChildren();
  $("wanted").value = "";
  spell(false);
}

/** Whether names are put together of their characters, for screens without a keyboard. */
function spell(on) {
  $("by-name").setAttribute("aria-pressed", String(on));
  $("keypad").classList.toggle("spelling", on);
  $("characters").hidden = !on;
}

const isSpelling = () => !$("characters").hidden;

/** Who may be meant by what was entered; and, while names are put together, how they may go on. */
const lookUp = () => attempt(async () => {
  problem("");
  const { found, more, following } = await post("/door/find", { text: $("wanted").value });
  $("found").replaceChildren(...found.map(foundLine));
  if (more) $("found").append(element("li", { className: "help", textContent: word("ui.door.more", { count: more }) }));
  $("characters").replaceChildren(...following.sort(BY_PINYIN.compare).map((key) =>
    element("button", { type: "button", textContent: key, dataset: { key } })));
  if (!found.length && !isSpelling()) problem(word("ui.door.nobody_found"));
}, problem);

function foundLine(one) {
  const button = element("button", { type: "button" }, element("strong", { textContent: one.name }), ` ${one.seat} `, element("small", { textContent: one.examNumber }));
  button.addEventListener("click", () => attempt(async () => {
    problem("");
    await post("/door/choose", { number: one.number, by: one.by, turn });
    forget();
  }, problem));
  return element("li", {}, button);
}

if (operates) {
  const press = ({ target }) => {
    const { key } = target.dataset;
    if (key === undefined) return;
    const field = $("wanted");
    field.value = key === "back" ? field.value.slice(0, -1) : field.value + key;
    if (isSpelling()) lookUp();
  };
  for (const keys of ["keypad", "characters"]) $(keys).addEventListener("click", press);
  $("by-name").addEventListener("click", () => {
    const on = !isSpelling();
    forget();
    spell(on);
    if (on) lookUp();
  });
  $("wanted").addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse") $("wanted").inputMode = "text"; });
  $("finding").addEventListener("submit", (event) => {
    event.preventDefault();
    lookUp();
  });
}

await follow(operates ? "door" : "student", (state) => {
  showStudent(state);
  if (operates) showOperator(state);
});
