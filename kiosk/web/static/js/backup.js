// A backup under way: how far it is; when it is over the page shows what came of it.

import { $, say, word } from "./dom.js";
import { get, pause } from "./http.js";

const LOOK_MS = 500;

async function follow(bar) {
  const [line, words] = [bar.querySelector("progress"), bar.querySelector(".job-words")];
  for (;;) {
    const state = await get("/office/backup");
    if (state && !state.working) return location.reload();
    if (state?.total) {
      line.max = state.total;
      line.value = state.done;
      say(words, word(state.done >= state.total ? "ui.job.finishing" : "ui.job.progress", state));
    }
    await pause(LOOK_MS);
  }
}

if ($("backup-job")) follow($("backup-job"));
