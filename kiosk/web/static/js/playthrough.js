// A student who does by itself what the screen says.

import { pause } from "./http.js";

const PATIENCE_MS = 120_000;
const REACTION_MS = 350;
const LONGEST_PRESS_MS = 2500;
const LOOK_AGAIN_MS = 1500;
const OVER = new Set(["saved", "refused"]);

let latest = { number: 0, phase: "waiting", cue: "" };
document.addEventListener("snapshot", ({ detail }) => { latest = detail; });

/** Resolves when a snapshot suits, or after a while; throws when the player is called off. */
function until(suits, ms, signal) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      document.removeEventListener("snapshot", look);
      signal.removeEventListener("abort", stop);
      clearTimeout(timer);
      settle(value);
    };
    const look = () => { if (suits(latest)) end(resolve); };
    const stop = () => end(reject, signal.reason);
    const timer = setTimeout(() => end(resolve), ms);
    document.addEventListener("snapshot", look);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    else look();
  });
}

const newerThan = (state) => (now) => now.number > state.number;
const mayLift = (pressed) => (now) => now.cue === "lift" || now.step !== pressed.step || OVER.has(now.phase);

async function pressOnce(person, finger, act, signal) {
  const before = latest;
  await pause(REACTION_MS);
  await act(`press/${person}/${finger}`);
  try {
    await until(mayLift(before), LONGEST_PRESS_MS, signal);
  } finally {
    await act("lift");
  }
  await until((now) => now.cue !== "lift", LOOK_AGAIN_MS, signal);
}

/** Sits down, lays the card down where one is wanted, and follows the instructions until the record is saved or the card is refused. */
export async function playThrough(person, act, userSignal) {
  const signal = AbortSignal.any([userSignal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const start = latest;
    await act(`sit/${person}`);
    if (!latest.line) await act(`lay/${person}`); // of a class nobody has a card
    await until(newerThan(start), LOOK_AGAIN_MS, signal);
    while (!OVER.has(latest.phase)) {
      const asked = latest.steps?.find(({ step }) => step === latest.step)?.finger;
      if (asked && latest.cue === "press") await pressOnce(person, asked, act, signal);
      else await until(newerThan(latest), LOOK_AGAIN_MS, signal);
    }
    await until((now) => !OVER.has(now.phase), LOOK_AGAIN_MS * 2, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await act("take");
    await act("stand");
  }
}
