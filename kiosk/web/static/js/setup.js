// 开站, the devices: looks every second how they are, and says of each what is missing and what to do.

import { $, element, icon, redraw, say } from "./dom.js";
import { get, pause, visible } from "./http.js";

const LOOK_MS = 1000;

function show({ kind, tone, state, model, problem }) {
  const line = $("setup-devices").querySelector(`[data-device="${kind}"]`);
  if (!line) return;
  redraw(line.querySelector(".device-state"), [tone, state], () => [element("span", { className: `tag ${tone}` }, icon(tone), element("span", { textContent: state }))]);
  say(line.querySelector(".device-model"), model);
  say(line.querySelector(".device-problem"), problem);
}

async function look() {
  for (;;) {
    await visible();
    const state = await get("/devices/state").catch(() => null);
    for (const device of state?.devices ?? []) show(device);
    await pause(LOOK_MS);
  }
}

look();
