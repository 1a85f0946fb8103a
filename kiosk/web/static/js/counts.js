// The counts by room, made anew by themselves: nobody has a hand free to press a key for them.

import { $ } from "./dom.js";
import { pause, visible } from "./http.js";

const shown = $("counts");
const AGAIN_MS = Number(shown.dataset.again);

/** What a reader sees of it: the token of a form is another one each time, and a button under a finger has to stay. */
function read(part) {
  const copy = part.cloneNode(true);
  for (const token of copy.querySelectorAll('input[name="csrf_token"]')) token.remove();
  return copy.innerHTML;
}

for (;;) {
  await pause(AGAIN_MS);
  await visible();
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  $("lost").hidden = response !== null;
  if (response === null) continue;
  if (response.redirected) location.reload();
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("counts");
  if (fresh && read(fresh) !== read(shown)) shown.replaceChildren(...fresh.children);
}
