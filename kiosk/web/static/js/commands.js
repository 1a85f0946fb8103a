// The operator's buttons, their keys, and the dialog that asks for a reason.

import { $, element, redraw, say } from "./dom.js";
import { attempt, post } from "./http.js";
import { keepName, keptName } from "./names.js";
import { toast } from "./toast.js";
import { closeTyping, openTyping, startTyping } from "./typing.js";

let possible = [];
let asking = null;

export function showCommands(commands) {
  possible = commands;
  redraw($("commands"), commands, (found) => found.map((command) =>
    element("button", {
      type: "button",
      className: command.primary ? "primary" : "",
      dataset: { command: command.command },
      "aria-keyshortcuts": command.key,
      onclick: () => choose(command),
    }, element("span", { textContent: command.label }), element("kbd", { textContent: command.key }))));
  // What was being asked for is no longer possible: the moment has passed.
  if (asking && !commands.some(({ command }) => command === asking.command)) $("reason").close();
  closeTyping(commands.map(({ dialog }) => dialog));
}

async function choose(command) {
  if (command.needsReason) return ask(command);
  if (command.dialog) return openTyping(command.dialog);
  await give({ command: command.command });
}

const give = (order) => attempt(() => post("/command", order), (words) => {
  if ($("reason").open) say($("reason-problem"), words);
  else toast(words);
});

function ask(command) {
  asking = command;
  say($("reason-title"), command.label);
  say($("reason-question"), command.question);
  say($("reason-problem"), "");
  $("reason-text").value = "";
  say($("reason-by-label"), command.by);
  $("reason-by").value = keptName(command.secondPerson);
  $("reason-ready").replaceChildren(...command.reasons.map((reason) =>
    element("button", { type: "button", textContent: reason, onclick: () => pick(reason) })));
  $("reason").showModal();
}

function pick(reason) {
  $("reason-text").value = reason;
  for (const button of $("reason-ready").children) button.setAttribute("aria-pressed", String(button.textContent === reason));
  ($("reason-by").value ? $("reason").querySelector("button[type=submit]") : $("reason-by")).focus();
}

async function decide(event) {
  event.preventDefault();
  const [reason, by] = [$("reason-text").value.trim(), $("reason-by").value.trim()];
  keepName(by, asking.secondPerson);
  if (await give({ command: asking.command, reason, by })) $("reason").close();
}

function press(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || document.querySelector("dialog[open]")) return;
  const command = possible.find(({ key }) => key === event.key);
  if (!command) return;
  event.preventDefault();
  choose(command);
}

export function startCommands() {
  addEventListener("keydown", press);
  startTyping();
  $("reason").querySelector("form").addEventListener("submit", decide);
  $("reason").addEventListener("close", () => { asking = null; });
}
