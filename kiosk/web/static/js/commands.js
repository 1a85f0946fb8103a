// The operator's buttons, their keys, and the dialogs that ask for what belongs to an order.
//
// Every order names the turn that it is about. When that is over, its dialog closes; a click that comes too late is refused.

import { $, element, redraw, say } from "./dom.js";
import { fields } from "./forms.js";
import { attempt, post } from "./http.js";
import "./decider.js";
import { toast } from "./toast.js";
import { startTyping, sweepTyping } from "./typing.js";

const ASKING = ["reason", "abort-dialog", "redo-dialog"];
let newest = { commands: [], looks: [], redoable: [], turn: 0 };
let asking = null; // the order that a dialog is open for

export function showCommands(state) {
  newest = state;
  $("looks").hidden = state.looks.length === 0;
  redraw($("looks-list"), state.looks, (looks) => looks.map(lookButton));
  redraw($("commands"), state.commands, (found) => found.map((command) =>
    element("button", {
      type: "button",
      className: command.primary ? "primary" : "",
      dataset: { command: command.command },
      "aria-keyshortcuts": command.key,
      onclick: () => choose(command),
    }, element("span", { textContent: command.label }), element("kbd", { textContent: command.key }))));
  if (asking && asking.about !== state.turn) closeAsking();
  sweepTyping(state.turn);
}

/** What a person looks for: its key says that it is there, and once more that it is no more. */
const lookButton = (look) => element("button", {
  type: "button", className: look.seen ? "seen" : "", "aria-pressed": String(look.seen === true), "aria-keyshortcuts": look.key, onclick: () => mark(look),
}, element("kbd", { textContent: look.key }), element("span", { textContent: look.label }), element("small", { textContent: look.said }));

const mark = ({ what }) => give({ command: "mark", what, about: newest.turn }, toast);

const closeAsking = () => ASKING.forEach((name) => $(name).close());

function choose(command, steps = []) {
  const about = newest.turn;
  if (command.command === "redo") return askWhichSteps(command, about, steps);
  if (command.command === "abort") return askWhy(command, about);
  if (command.needsReason || command.mayName) return askForReason(command, about);
  if (command.dialog === "find") return document.dispatchEvent(new CustomEvent("find-child"));
  if (command.dialog) return document.dispatchEvent(new CustomEvent("type-in", { detail: { name: command.dialog, about } }));
  return give({ command: command.command, about }, toast);
}

/** Opens the dialog that asks for finished steps to do again, with one chosen already. */
export function redoStep(step) {
  const command = newest.commands.find((one) => one.command === "redo");
  if (command) choose(command, [step]);
}

const give = (order, refuse) => attempt(() => post("/command", order), refuse);

function open(name, command, about) {
  asking = { command: command.command, about };
  const dialog = $(name);
  const form = dialog.querySelector("form");
  form.dataset.order = command.command;
  form.reset();
  say(form.querySelector("h2"), command.label);
  say(form.querySelector(".form-problem"), "");
  dialog.showModal();
  return form;
}

function askForReason(command, about) {
  const form = open("reason", command, about);
  say($("reason-question"), command.question);
  $("reason-person").hidden = !command.secondPerson;
  form.elements.by.required = form.elements.pin.required = command.secondPerson;
  $("reason-name").hidden = !command.mayName;
  form.elements.name.required = command.needsName;
  $("reason-why").hidden = !command.needsReason;
  form.elements.reason.required = command.needsReason;
  $("reason-ready").replaceChildren(...command.reasons.map((reason) =>
    element("button", { type: "button", textContent: reason, onclick: () => pick(reason) })));
}

function pick(reason) {
  const form = $("reason").querySelector("form");
  form.elements.reason.value = reason;
  for (const button of $("reason-ready").children) button.setAttribute("aria-pressed", String(button.textContent === reason));
  (form.elements.by.required ? form.elements.by : form.querySelector("[type=submit]")).focus();
}

function askWhy(command, about) {
  const form = open("abort-dialog", command, about);
  form.elements.cause[0]?.focus();
}

function askWhichSteps(command, about, chosen) {
  const form = open("redo-dialog", command, about);
  $("redo-steps").replaceChildren(...newest.redoable.map(({ step, name }) =>
    element("label", {}, element("input", { type: "checkbox", name: "steps", value: step, checked: chosen.includes(step) }),
      element("span", { textContent: name }))));
  (chosen.length ? form.querySelector("[type=submit]") : $("redo-steps").querySelector("input")).focus();
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const steps = new FormData(form).getAll("steps").join(" ");
  const problem = form.querySelector(".form-problem");
  const order = { ...fields(form), ...asking, ...(steps ? { steps } : {}) };
  if (await give(order, (words) => say(problem, words))) closeAsking();
}

const named = (event) => (event.shiftKey ? `Shift+${event.key}` : event.key);
const busy = (event) => event.altKey || event.ctrlKey || event.metaKey || event.repeat || document.querySelector("dialog[open]");

/** Keys that fields need themselves: all but those that no field knows. */
const isFields = ({ key, target }) => target.closest("input, select, textarea") && !/^(F\d+|Page(Up|Down))$/.test(key);

function press(event) {
  if (busy(event) || isFields(event)) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return; // is theirs
  const look = newest.looks.find(({ key }) => key === event.key);
  if (look) return void mark(look);
  const command = newest.commands.find(({ key }) => key === named(event));
  if (!command) return;
  event.preventDefault();
  choose(command);
}

export function startCommands() {
  addEventListener("keydown", press);
  startTyping();
  for (const name of ASKING) {
    $(name).querySelector("form").addEventListener("submit", send);
    $(name).addEventListener("close", () => { asking = null; });
  }
}
