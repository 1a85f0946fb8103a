// The devices' page: looks every second, and draws what has changed. While a student is under way it shows no picture.

import { $, element, icon, redraw, say, word } from "./dom.js";
import { attempt, download, get, leaveBehind, pause, post, visible } from "./http.js";
import { Viewer } from "./viewer.js";

const LOOK_MS = 800;
const OFTEN_MISSED = 3;
const viewer = new Viewer($("viewer"), { calm: false });
let testing = false;

function show(state) {
  testing = state.testing;
  $("occupied").hidden = !state.occupied;
  $("begin").hidden = state.testing;
  $("begin").disabled = state.occupied;
  $("latest").className = `latest tag ${state.latest.tone === "good" ? "pass" : "review"}`;
  redraw($("latest"), state.latest, ({ tone, words }) => [icon(tone === "good" ? "pass" : "review"), element("span", { textContent: words })]);
  $("paper").hidden = !state.latest.there;
  redraw($("points"), state.points, (points) => points.map(pointLine));
  showNow(state.current);
  $("keep").hidden = !state.done;
  viewer.calm = state.live; // some pictures a second will do; none while a student is under way
  viewer.show({ live: false, tone: "neutral" });
  if (state.live) viewer.wake();
  $("viewer").hidden = state.occupied;
  for (const panel of document.querySelectorAll("[data-device]")) panel.hidden = !state.devices.some(({ kind }) => kind === panel.dataset.device);
  for (const device of state.devices) showDevice(device);
  redraw($("walls"), state.walls, (walls) => walls.map(wallLine));
  showPress(state.press);
}

function pointLine({ point, name, tone, state, hints, again }) {
  const line = element("li", { className: `point ${tone}`, dataset: { point } },
    element("span", { className: `tag ${tone}` }, icon(tone), element("strong", { textContent: name })),
    element("small", { textContent: state }),
    ...hints.map((text) => element("p", { textContent: text })),
    again ? element("button", { type: "button", textContent: word("ui.devices.again"), "aria-label": `${word("ui.devices.again")} ${name}`, onclick: () => ask("/devices/test/again", { point }) }) : null);
  if (tone === "active") line.setAttribute("aria-current", "step");
  return line;
}

function showNow(current) {
  $("now").hidden = current === null;
  if (current === null) return;
  say($("ask"), current.ask);
  redraw($("hints"), current.hints, (hints) => hints.map((text) => element("li", {}, icon("review"), element("span", { textContent: text }))));
  redraw($("now-measures"), current.measures, (measures) => measures.map(measureLine));
}

const measureLine = ({ name, standard, value, limit, verdict }) =>
  element("li", { className: verdict, title: standard }, icon(verdict), element("span", { textContent: name }), element("span", { className: "figures", textContent: `${value} ${limit}` }));

function showDevice({ kind, tone, state, model, problem, lines, faults, unverified }) {
  const panel = document.querySelector(`[data-device="${kind}"]`);
  panel.dataset.tone = tone;
  const part = (name) => panel.querySelector(`.${name}`);
  redraw(part("device-state"), [tone, state], () => [element("span", { className: `tag ${tone}` }, icon(tone), element("span", { textContent: state }))]);
  say(part("device-model"), model);
  say(part("device-problem"), problem);
  say(part("device-unverified"), unverified);
  redraw(part("device-lines"), lines, () => lines.map(([label, value]) => element("div", {}, element("dt", { textContent: label }), element("dd", { textContent: value }))));
  redraw(part("device-faults"), faults, () => faults.map((text) => element("li", { textContent: text })));
}

/** A colour as a drawing: a style within the page is forbidden, a drawing's own is not. */
function swatch(colour) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("viewBox", "0 0 10 10");
  svg.setAttribute("aria-hidden", "true");
  const square = document.createElementNS(space, "rect");
  for (const [name, value] of Object.entries({ width: 10, height: 10, fill: colour || "none" })) square.setAttribute(name, value);
  svg.append(square);
  return svg;
}

const wallLine = ({ title, wanted, found, wantedWords, foundWords, tone, measures }) =>
  element("li", {},
    element("span", { className: `tag ${tone}` }, icon(tone), element("strong", { textContent: title })),
    element("span", { className: "colours" },
      element("span", {}, ...wanted.map(swatch), element("span", { textContent: `${word("ui.devices.wanted")} ${wantedWords}` })),
      element("span", {}, swatch(found), element("span", { textContent: `${word("ui.devices.found")} ${foundWords}` }))),
    ...measures.map(({ name, value, limit, verdict }) => element("small", { className: `figures ${verdict}`, textContent: `${name} ${value} ${limit}` })));

function showPress(press) {
  $("press").hidden = press === null || !press.picture;
  $("press-none").hidden = press !== null;
  if (press === null) return;
  const image = $("press").querySelector("img");
  if (press.picture && image.getAttribute("src") !== press.picture) image.src = press.picture;
  image.alt = press.name;
  const [name, counted, hint] = ["strong", ".figures", ".press-hint"].map((found) => $("press").querySelector(found));
  say(name, press.name);
  say(counted, press.counted);
  say(hint, press.hint);
  hint.className = `press-hint ${press.tone}`;
}

/** Asks for something, shows in words what was refused, and looks at once. */
async function ask(address, body) {
  say($("problem"), "");
  await attempt(() => post(address, body), (words) => say($("problem"), words));
  await look();
}

async function look() {
  const state = await get(`/devices/state?lang=${document.body.dataset.language}`);
  if (state !== null) show(state);
  return state !== null;
}

async function run() {
  for (let missed = 0; ;) {
    if (!testing) await visible(); // a test goes on in the background: whoever tests may look at another page meanwhile
    missed = await look() ? 0 : missed + 1;
    $("lost").hidden = missed < OFTEN_MISSED;
    await pause(LOOK_MS);
  }
}

$("begin").addEventListener("click", () => ask("/devices/test"));
$("leave").addEventListener("click", () => ask("/devices/test/leave"));
for (const button of [$("stop"), $("stop-unkept")]) button.addEventListener("click", () => ask("/devices/test/stop"));
$("keep").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const problem = form.querySelector(".form-problem");
  say(problem, "");
  await attempt(async () => {
    const { message } = await post("/devices/test/finish");
    $("said").hidden = false;
    say($("said"), message);
  }, (words) => say(problem, words));
  await look();
});

$("support-open").addEventListener("click", () => $("support").showModal());
$("support").querySelector("[data-close]").addEventListener("click", () => $("support").close());
$("support-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const problem = form.querySelector(".form-problem");
  say(problem, "");
  const name = `${document.querySelector("script[data-name]").dataset.name}.age`;
  if (await attempt(() => download("/devices/support", { password: form.elements.password.value }, name), (words) => say(problem, words))) {
    form.reset();
    $("support").close();
  }
});

// Who leaves the page ends the test: students must not wait for somebody who has gone.
addEventListener("pagehide", () => { if (testing) leaveBehind("/devices/test/stop"); });
run();
