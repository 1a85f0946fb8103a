// Playing the student: what a person would do with card, chair and thumb.

import { $, element, say, word } from "./dom.js";
import { attempt, follow, pause, post } from "./http.js";
import { toast } from "./toast.js";
import { playThrough } from "./playthrough.js";

const KEPT_OPEN_AS = "kiosk.play-open";
const PRESS_MS = 1000;
const LONGEST_MS = 4000;
const LOOK_MS = 50;
const CLEAR_MS = 400; // how long the glass is bare between two fingers, for the scanner to see it
let chosen = null;
let now = null; // the newest snapshot
let playing = null; // the abort controller of the student who plays by itself

document.addEventListener("snapshot", ({ detail }) => { now = detail; });

/** Asks the simulator for something; what it refuses is shown. */
const act = (address, body) => attempt(() => post(`/play/${address}`, body), toast);

const ACTIONS = {
  lay: () => act(`lay/${chosen}`),
  take: () => act("take"),
  sit: () => act(`sit/${chosen}`),
  stand: () => act("stand"),
  auto: toggleAuto,
};

async function toggleAuto() {
  if (playing) return playing.abort();
  playing = new AbortController();
  const button = document.querySelector("[data-play=auto]");
  const label = button.textContent;
  say(button, word("ui.play.stop"));
  $("play-panel").classList.add("playing");
  try {
    await playThrough(chosen, act, playing.signal);
  } finally {
    playing = null;
    say(button, label);
    $("play-panel").classList.remove("playing");
  }
}

let presses = 0; // a late release must not lift a newer press
let lying = false;

async function lift() {
  lying = false;
  await act("lift");
}

/** The finger of a hand that is asked for, or its thumb. */
function fingerOf(hand) {
  const asked = now?.steps?.find(({ step }) => step === now.step)?.finger;
  return asked?.startsWith(hand) ? asked : `${hand}_thumb`;
}

/** Resolves when the finger has lain long enough: a second, and until the station has something else to say. */
async function lainEnough(press) {
  await pause(Math.max(0, PRESS_MS - (performance.now() - press.since)));
  while (now?.cue === press.asked && performance.now() - press.since < LONGEST_MS) await pause(LOOK_MS);
}

/** A thumb lies for as long as the button is held, and long enough for the sensor. The one before is lifted first. */
function pressable(button) {
  let held = null;
  const down = async () => {
    held = { number: ++presses, since: performance.now(), asked: now?.cue };
    const { number } = held;
    if (lying) {
      await lift();
      await pause(CLEAR_MS);
    }
    if (number !== presses) return; // another finger was quicker
    lying = true;
    await act(`press/${chosen}/${fingerOf(button.dataset.press)}`);
  };
  const up = async () => {
    const press = held;
    held = null;
    if (!press) return;
    await lainEnough(press);
    if (press.number === presses) await lift();
  };
  button.addEventListener("pointerdown", (event) => { button.setPointerCapture(event.pointerId); down(); });
  button.addEventListener("pointerup", up);
  button.addEventListener("pointercancel", up);
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) down();
  });
  button.addEventListener("keyup", up);
  button.addEventListener("blur", up);
}

function personChoice({ number, name, intent, intentWords }, first) {
  const input = element("input", { type: "radio", name: "person", value: number, checked: first });
  input.addEventListener("change", () => { chosen = number; });
  return element("label", { className: "person", dataset: { person: number, intent } }, input,
    element("img", { src: `/play/people/${number}.jpg`, alt: "", loading: "lazy" }),
    element("span", {}, element("strong", { textContent: name }), element("small", { textContent: intentWords })));
}

async function load() {
  const { people, plugged, scenes, scene } = await (await fetch("/play/people")).json();
  chosen = people[0]?.number ?? null;
  $("people").replaceChildren(...people.map((person, index) => personChoice(person, index === 0)));
  $("scene").replaceChildren(...scenes.map(({ scene: value, words }) => element("option", { value, textContent: words })));
  $("scene").value = scene;
  $("scene").addEventListener("change", () => act(`scene/${$("scene").value}`));
  for (const input of document.querySelectorAll("[data-plug]")) {
    input.checked = plugged[input.dataset.plug];
    input.addEventListener("change", () => act(`plug/${input.dataset.plug}`, { in: input.checked }));
  }
}

function startDrawer() {
  const toggle = $("play-toggle");
  if (!toggle) return; // a page of its own
  const set = (open) => {
    $("play").hidden = !open;
    document.body.classList.toggle("with-play", open);
    toggle.setAttribute("aria-expanded", String(open));
    localStorage.setItem(KEPT_OPEN_AS, String(open));
  };
  toggle.addEventListener("click", () => set($("play").hidden));
  set(localStorage.getItem(KEPT_OPEN_AS) !== "false");
}

for (const button of document.querySelectorAll("[data-play]")) button.addEventListener("click", ACTIONS[button.dataset.play]);
for (const button of document.querySelectorAll("[data-press]")) pressable(button);
startDrawer();
load();
if (!$("play-toggle")) {
  follow("operator", (state) => {
    say($("play-says"), state.instruction);
    document.dispatchEvent(new CustomEvent("snapshot", { detail: state }));
  });
} else {
  document.addEventListener("snapshot", ({ detail }) => say($("play-says"), detail.instruction));
}
