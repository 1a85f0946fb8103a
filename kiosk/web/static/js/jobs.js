// Long work: a bar to watch, a button that stops it, and what came of it.

import { $, say, word } from "./dom.js";
import { get, pause, post, Refused } from "./http.js";

const AGAIN_MS = 300; // after a look that failed; the server waits a moment before it answers that a job still runs
const OFTEN_MISSED = 20; // looks in a row that may fail before the server counts as gone

/** The bar of a form; one is made where there is none. */
export function barOf(form) {
  if (!form.querySelector(".job")) form.append($("job-bar").content.cloneNode(true));
  return form.querySelector(".job");
}

/** Watches a job in its bar to the end; resolves to its result, or null when it was stopped; throws Refused when it failed. */
export async function watch(number, bar) {
  const [line, words, stop] = ["progress", ".job-words", ".job-stop"].map((found) => bar.querySelector(found));
  let stopping = false;
  stop.disabled = false;
  stop.onclick = async () => {
    stopping = true;
    stop.disabled = true;
    await post(`/office/jobs/${number}/stop`);
  };
  line.removeAttribute("value");
  say(words, word("ui.working"));
  bar.hidden = false;
  try {
    for (let missed = 0; ;) {
      const state = await get(`/office/jobs/${number}`);
      if (!state) {
        missed += 1;
        if (missed > OFTEN_MISSED) throw new Refused(word("ui.lost"));
        await pause(AGAIN_MS);
        continue;
      }
      missed = 0;
      stop.hidden = !state.stops;
      if (state.state === "done") return state.result;
      if (state.state === "failed") throw new Refused(state.message);
      if (state.state === "stopped") return null;
      if (state.total && state.done) {
        line.max = state.total;
        line.value = state.done;
      }
      const told = stopping ? "ui.job.stopping" : state.total && state.done >= state.total ? "ui.job.finishing" : state.done ? "ui.job.progress" : "ui.working";
      say(words, word(told, state));
    }
  } finally {
    bar.hidden = true;
  }
}
