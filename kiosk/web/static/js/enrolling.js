// Enrolment of somebody of the staff: looks every second, and shows how far it is.

import { $, element, icon, redraw, say } from "./dom.js";
import { attempt, get, leaveBehind, pause, post } from "./http.js";
import { Viewer } from "./viewer.js";

const LOOK_MS = 700;
const SAID_KEPT_AS = "kiosk.said";
const viewer = new Viewer($("viewer"), { calm: false });
let running = false;

const refuse = (words) => say($("enrol-problem"), words);

function show(state) {
  running = state.running;
  $("enrol-begin").hidden = running;
  $("enrol").hidden = !running;
  viewer.show({ live: running, tone: "neutral" });
  if (!running) return;
  $("enrol-keep").disabled = !state.done;
  $("card-differs").hidden = !state.card;
  say($("card-differs"), state.card);
  for (const { part, tone, asked, words } of state.parts) {
    const line = document.querySelector(`[data-part="${part}"]`);
    line.dataset.asked = String(asked);
    redraw(line.querySelector(".part-state"), [tone, words], () =>
      [element("span", { className: `tag ${tone}` }, icon(tone === "todo" ? "todo" : tone), element("span", { textContent: words }))]);
  }
}

async function look() {
  const state = await get("/office/staff/state");
  if (state !== null) show(state);
}

async function ask(address, body) {
  refuse("");
  const well = await attempt(async () => {
    const answer = await post(address, body);
    if (answer?.message) sessionStorage.setItem(SAID_KEPT_AS, answer.message);
  }, refuse);
  await look();
  return well;
}

async function follow() {
  while (running) {
    await pause(LOOK_MS);
    await look();
  }
}

$("enrol-begin").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const problem = form.querySelector(".form-problem");
  say(problem, "");
  const given = { account: form.elements.account.value, pin: form.elements.pin.value };
  form.elements.pin.value = "";
  if (!await attempt(() => post("/office/staff/begin", given), (words) => say(problem, words))) return;
  await look();
  follow();
});
for (const button of document.querySelectorAll("[data-give]")) {
  button.addEventListener("click", () => ask("/office/staff/give", { part: button.dataset.give }));
}
$("enrol-stop").addEventListener("click", () => ask("/office/staff/stop"));
$("enrol-keep").addEventListener("click", async () => {
  if (await ask("/office/staff/keep")) location.reload();
});
addEventListener("pagehide", () => { if (running) leaveBehind("/office/staff/stop"); });
