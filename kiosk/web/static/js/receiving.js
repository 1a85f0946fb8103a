// How far the inbox is: asked for while anything waits, and the page shows what came of it.

import { $, say } from "./dom.js";
import { pause } from "./http.js";

const POLL_MS = 700;

async function follow(place) {
  const bar = place.querySelector("progress");
  for (;;) {
    const response = await fetch(place.dataset.address).catch(() => null);
    if (response?.ok) {
      const { waiting, done, total, words } = await response.json();
      if (!waiting) break;
      say(place.querySelector(".job-words"), words);
      if (total) {
        bar.max = total;
        bar.value = done;
      } else bar.removeAttribute("value");
    }
    await pause(POLL_MS);
  }
  location.reload();
}

if (!$("intake").hidden) follow($("intake"));
