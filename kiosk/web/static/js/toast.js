// One line that says what could not be done, and goes away.

import { $, say } from "./dom.js";

const SHOWN_MS = 6000;
let timer = 0;

export function toast(text) {
  const line = $("toast");
  say(line, text);
  line.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { line.hidden = true; }, SHOWN_MS);
}
