// The lists of a profile's form, columns and pictures: rows that are added, moved and removed by keyboard and mouse.

import { $, say } from "./dom.js";

const SWITCHED = { true: true, false: false };

const table = (name) => document.querySelector(`[data-list="${name}"]`);
const rowsOf = (name) => [...table(name).querySelectorAll(".profile-row")];
const listOf = (row) => row.closest("[data-list]").dataset.list;
const fieldsOf = (row) => [...row.querySelectorAll("[data-of]")];
const fieldOf = (row, name) => row.querySelector(`[data-of="${name}"]`);

export const LISTS = [...document.querySelectorAll("[data-list]")].map((one) => one.dataset.list);

const choices = (field) => $(`${field.dataset.choices}-choices`).content;

/** Gives a select a value, also one that only the file knows. */
export function choose(field, value) {
  if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === value)) {
    const known = field.dataset.choices && choices(field).querySelector(`option[value="${CSS.escape(value)}"]`);
    field.add(known ? known.cloneNode(true) : new Option(value, value));
  }
  field.value = value;
}

/** Fills a select that has many choices once somebody comes near it: a form has a hundred of them. */
function fill({ target }) {
  if (!target.dataset?.choices || target.dataset.filled) return;
  const value = target.value;
  target.dataset.filled = "yes";
  target.replaceChildren(choices(target).cloneNode(true));
  choose(target, value);
}

function set(field, value) {
  if (field.type === "checkbox") {
    field.checked = SWITCHED[value] ?? false;
    field.dataset.was = value; // what is left out stays left out
  } else choose(field, value);
}

const get = (field) => (field.type !== "checkbox" ? field.value : field.checked ? "true" : field.dataset.was === "false" ? "false" : "");

function offerText(row) {
  const text = fieldOf(row, "text");
  if (text) text.hidden = fieldOf(row, "shows").value !== "text";
}

function numbered(name) {
  const rows = rowsOf(name);
  rows.forEach((row, at) => {
    const number = at + 1;
    say(row.querySelector("[data-number]"), String(number));
    row.setAttribute("role", "rowgroup");
    row.setAttribute("aria-label", `${table(name).dataset.prefix} ${number}`);
    for (const place of row.querySelectorAll("[data-fault]")) {
      place.dataset.part ??= place.dataset.fault;
      place.dataset.fault = [name, number, place.dataset.part].filter(String).join(".");
    }
  });
  for (const count of document.querySelectorAll(`[data-count="${name}"]`)) say(count, rows.length ? String(rows.length) : "");
}

/** A new row; `was` is its number in the text, empty for one that the text lacks. */
function made(name, values, was = "") {
  const row = $(`row-of-${name}`).content.firstElementChild.cloneNode(true);
  row.dataset.was = was;
  for (const field of fieldsOf(row)) set(field, values[field.dataset.of] ?? "");
  offerText(row);
  return row;
}

/** Draws a list as the text has it. What is unfolded stays so, where there are as many rows as before. */
export function drawRows(name, rows) {
  const before = rowsOf(name);
  const unfolded = before.map((row) => !row.querySelector(".row-more").hidden);
  for (const row of before) row.remove();
  table(name).append(...rows.map((values, at) => made(name, values, String(at + 1))));
  if (before.length === rows.length) rowsOf(name).forEach((row, at) => unfold(row, unfolded[at]));
  numbered(name);
}

/** What the rows of a list say now; `kept` is to be called once the server has written that into the text. */
export function rowsTold(name) {
  const rows = rowsOf(name);
  const told = rows.map((row) => ({
    was: row.dataset.was ? Number(row.dataset.was) : null,
    values: Object.fromEntries(fieldsOf(row).map((field) => [field.dataset.of, get(field)])),
  }));
  return { told, kept: () => rows.forEach((row, at) => { row.dataset.was = String(at + 1); }) };
}

export function unfold(row, open = true) {
  row.querySelector(".row-more").hidden = !open;
  row.querySelector("[data-act=more]").setAttribute("aria-expanded", String(open));
}

function changed(row) {
  row.dispatchEvent(new CustomEvent("rows", { bubbles: true }));
}

/** Puts a row before or after another, with the keyboard where it was. */
function put(row, where, other) {
  const active = document.activeElement;
  other[where](row);
  if (row.contains(active)) active.focus();
  numbered(listOf(row));
  changed(row);
}

const ACTS = {
  up: (row) => row.previousElementSibling?.matches(".profile-row") && put(row, "before", row.previousElementSibling),
  down: (row) => row.nextElementSibling && put(row, "after", row.nextElementSibling),
  more: (row) => unfold(row, row.querySelector(".row-more").hidden),
  remove(row) {
    const name = listOf(row);
    const beside = row.nextElementSibling ?? (row.previousElementSibling?.matches(".profile-row") ? row.previousElementSibling : null);
    const place = table(name);
    offerBack(name, row, row.nextElementSibling);
    row.remove();
    numbered(name);
    (beside ? beside.querySelector("[data-act=remove]") : document.querySelector(`[data-add="${name}"]`)).focus();
    changed(place);
  },
};

/** A row that was removed can be had back, until another one is or the page is left. */
function offerBack(name, row, before) {
  const button = document.querySelector(`[data-back="${name}"]`);
  button.hidden = false;
  button.onclick = () => {
    row.dataset.was = ""; // the text has it no more
    if (before?.isConnected) before.before(row);
    else table(name).append(row);
    button.hidden = true;
    numbered(name);
    fieldsOf(row)[0].focus();
    changed(row);
  };
}

function add(name, values = {}, after = rowsOf(name).at(-1)) {
  const row = made(name, values);
  if (after) after.after(row);
  else table(name).append(row);
  numbered(name);
  fieldsOf(row)[0].focus();
  changed(row);
  return row;
}

/** A line of headers, copied from a sheet, becomes a column each. */
function paste(event) {
  const field = event.target;
  if (field.dataset?.of !== "header") return;
  const [first, ...others] = event.clipboardData.getData("text").split(/[\t\r\n]+/).map((one) => one.trim()).filter(Boolean);
  if (!others.length) return;
  event.preventDefault();
  field.value = first;
  others.reduce((row, header) => add("column", { header }, row), field.closest(".profile-row"));
}

function keys(event) {
  const act = event.altKey && { ArrowUp: "up", ArrowDown: "down", Delete: "remove" }[event.key];
  const row = event.target.closest(".profile-row");
  if (!act || !row) return;
  event.preventDefault();
  ACTS[act](row);
}

let dragged = null;

function over(event) {
  const row = event.target.closest?.(".profile-row");
  if (!dragged || !row || row === dragged || listOf(row) !== listOf(dragged)) return;
  event.preventDefault();
  const { top, height } = row.getBoundingClientRect();
  row[event.clientY < top + height / 2 ? "before" : "after"](dragged);
}

export function startRows() {
  for (const button of document.querySelectorAll("[data-add]")) button.addEventListener("click", () => add(button.dataset.add));
  for (const name of LISTS) {
    const place = table(name);
    place.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-act]");
      if (button) ACTS[button.dataset.act](button.closest(".profile-row"));
    });
    place.addEventListener("change", ({ target }) => { if (target.dataset.of === "shows") offerText(target.closest(".profile-row")); });
    place.addEventListener("keydown", keys);
    for (const near of ["pointerover", "focusin"]) place.addEventListener(near, fill);
    place.addEventListener("paste", paste);
    place.addEventListener("dragstart", (event) => {
      dragged = event.target.closest?.(".profile-row");
      dragged?.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
    });
    place.addEventListener("dragover", over);
    place.addEventListener("drop", (event) => event.preventDefault());
    place.addEventListener("dragend", () => {
      dragged?.classList.remove("dragged");
      numbered(name);
      changed(place);
      dragged = null;
    });
  }
}
