// Help beside the page: F1 or ? shows the handbook's passage for it and its keys; work goes on meanwhile. And the line for newcomers.

import { $, element } from "./dom.js";
import { post } from "./http.js";

const KEYS = JSON.parse($("keys").textContent); // key: what it does
const screen = document.body.dataset.help;
let panel = null;

async function help() {
  if (panel) return close();
  if (!screen || document.querySelector("dialog[open]")) return void open(`/help#${screen ?? ""}`, "help"); // beside a dialog nothing can be reached
  const answer = await fetch(`/help/${screen}`, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || panel) return undefined;
  panel = element("aside", { className: "help-panel panel", id: "help" });
  panel.setAttribute("aria-label", $("help-open")?.title ?? "");
  panel.append(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes); // our own handbook
  document.body.append(panel);
  $("help-open")?.setAttribute("aria-expanded", "true");
  panel.querySelector("[data-help-close]").addEventListener("click", close);
  return panel.querySelector(".handbook").focus();
}

function close() {
  if (!panel) return;
  const inside = panel.contains(document.activeElement);
  panel.remove();
  panel = null;
  $("help-open")?.setAttribute("aria-expanded", "false");
  if (inside) $("help-open")?.focus();
}

const ACTS = { help, close };
// A field of a dialog that has just been closed keeps the focus for a moment; nobody types into it.
const isTyping = (target) => target.matches?.("input, textarea, select, [contenteditable]") && target.checkVisibility();

function press(event) {
  const act = ACTS[KEYS[event.key]];
  if (!act || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.key.length === 1 && isTyping(event.target)) return;
  if (event.key === "F1" && event.shiftKey) return; // is another key
  if (act === help) event.preventDefault();
  act();
}

async function putAway(line) {
  line.remove();
  await post("/help/seen", { screen: line.dataset.screen });
}

export function startHelp() {
  addEventListener("keydown", press);
  $("help-open")?.addEventListener("click", help);
  for (const button of document.querySelectorAll("[data-seen]")) button.addEventListener("click", () => putAway(button.closest(".newcomers")));
}
