// The counts by room, made anew by themselves: nobody has a hand free to press a key for them.

import { $ } from "./dom.js";
import { pause, visible } from "./http.js";

const table = $("counts");
const AGAIN_MS = Number(table.dataset.again);

for (;;) {
  await pause(AGAIN_MS);
  await visible();
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  $("lost").hidden = response !== null;
  if (response === null) continue;
  if (response.redirected) location.reload();
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("counts");
  if (fresh && fresh.innerHTML !== table.innerHTML) table.replaceChildren(...fresh.children);
}
