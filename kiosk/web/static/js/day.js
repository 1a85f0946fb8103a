// The day as it runs: fetched again now and then; only what has changed is exchanged, what was unfolded stays so, and the keyboard stays where it was.

import { pause } from "./http.js";

const EVERY_MS = 15_000;
const REACHED = "summary, a, [tabindex]"; // by keyboard

/** The page's parts by name, of this document or a fetched one. */
const parts = (root) => new Map([...root.querySelectorAll("#day [data-part]")].map((part) => [part.dataset.part, part]));

/** Says whether two parts show the same, whatever is unfolded. */
function same(one, other) {
  const folded = one.cloneNode(true);
  for (const details of folded.querySelectorAll("details")) details.open = false;
  return folded.isEqualNode(other);
}

function show(fetched) {
  const [shown, fresh] = [parts(document), parts(fetched)];
  if ([...shown.keys()].join() !== [...fresh.keys()].join()) {
    const unfolded = [...shown].filter(([, part]) => part.querySelector("details[open]")).map(([name]) => name);
    document.getElementById("day").replaceChildren(...fetched.getElementById("day").childNodes);
    for (const name of unfolded) parts(document).get(name)?.querySelector("details")?.setAttribute("open", "");
    return;
  }
  for (const [name, part] of shown) {
    const next = fresh.get(name);
    if (same(part, next)) continue;
    const at = [...part.querySelectorAll(REACHED)].indexOf(document.activeElement);
    if (part.querySelector("details[open]")) next.querySelector("details")?.setAttribute("open", "");
    part.replaceWith(next);
    if (at >= 0) next.querySelectorAll(REACHED)[at]?.focus({ preventScroll: true });
  }
}

async function run() {
  for (;;) {
    await pause(EVERY_MS);
    if (document.hidden) continue;
    try {
      const answer = await fetch(`/records/day/now${location.search}`, { headers: { Accept: "text/html" } });
      if (answer.redirected) location.reload(); // locked, or logged out
      else if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // the server is away for a moment: what is shown stays
    }
  }
}

run();
