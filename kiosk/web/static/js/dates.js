// Days and times as text that reads the same everywhere, 2026-09-30 18:00, with a calendar in the page's language beside it.

import { element, icon, say, word } from "./dom.js";

const KINDS = {
  date: { pattern: "\\d{4}-\\d{2}-\\d{2}", hint: "ui.date.day" },
  "datetime-local": { pattern: "\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}", hint: "ui.date.minute" },
  time: { pattern: "\\d{2}:\\d{2}", hint: "ui.date.clock" },
};
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }; // days
const WEEK = 7;
const MONDAY = new Date(2024, 0, 1);
const tongue = document.documentElement.lang;
const inWords = (options) => new Intl.DateTimeFormat(tongue, options);

const pad = (number) => String(number).padStart(2, "0");
const iso = (day) => `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
const daysAfter = (day, count) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + count);

/** The day that a text begins with, or null: 2026-02-30 is none. */
function dayOf(text) {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (!found) return null;
  const day = new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return iso(day) === found[0] ? day : null;
}

/** Says what is wrong with a day that does not exist, or lies outside what is allowed. */
function judge(field) {
  const { date: kind, min, max } = field.dataset;
  const value = field.value.trim();
  const wrong = value !== "" && kind !== "time"
    && (!dayOf(value) || (min && value < min) || (max && value.slice(0, max.length) > max));
  field.setCustomValidity(wrong ? word("ui.form.wrong", { label: field.labels[0]?.firstChild?.textContent.trim() ?? "" }) : "");
}

function take(field) {
  const kind = field.type;
  Object.assign(field.dataset, { date: kind, min: field.min, max: field.max });
  const value = field.value.replace("T", " ");
  field.type = "text";
  Object.assign(field, { value, pattern: KINDS[kind].pattern, placeholder: word(KINDS[kind].hint), autocomplete: "off", inputMode: "numeric" });
  field.addEventListener("input", () => judge(field));
  if (kind === "time") return;
  const box = element("span", { className: "date" });
  field.replaceWith(box);
  const button = element("button", { type: "button", className: "date-open", "aria-label": word("ui.date.open"), title: word("ui.date.open") }, icon("calendar"));
  button.addEventListener("click", () => open(field, button));
  box.append(field, button);
}

/** The calendar of a field, until a day is chosen or somebody goes on elsewhere. */
function open(field, button) {
  const calendar = element("div", { className: "calendar panel", role: "dialog", "aria-label": word("ui.date.open") });
  let at = dayOf(field.value) ?? new Date();

  const close = () => { calendar.remove(); removeEventListener("pointerdown", outside); };
  const outside = ({ target }) => { if (!calendar.contains(target)) close(); };
  const choose = (day) => {
    const clock = field.dataset.date === "date" ? "" : ` ${/\d{2}:\d{2}$/.exec(field.value)?.[0] ?? "08:00"}`;
    field.value = iso(day) + clock;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    close();
    field.focus();
  };
  const cell = (day) => element("button", {
    type: "button",
    textContent: String(day.getDate()),
    tabIndex: iso(day) === iso(at) ? 0 : -1,
    className: day.getMonth() === at.getMonth() ? "" : "other",
    disabled: Boolean((field.dataset.max && iso(day) > field.dataset.max.slice(0, 10)) || (field.dataset.min && iso(day) < field.dataset.min.slice(0, 10))),
    dataset: { day: iso(day) },
    "aria-label": inWords({ dateStyle: "full" }).format(day),
    "aria-pressed": String(iso(day) === (dayOf(field.value) ? field.value.slice(0, 10) : "")),
    onclick: () => choose(day),
  });
  const turn = (months) => { at = new Date(at.getFullYear(), at.getMonth() + months, 1); draw(); };
  const turner = (name, months, sign) => element("button", { type: "button", "aria-label": word(name), title: word(name), textContent: sign, onclick: () => turn(months) });
  const draw = () => {
    const first = new Date(at.getFullYear(), at.getMonth(), 1);
    const start = daysAfter(first, -((first.getDay() + WEEK - 1) % WEEK));
    const month = element("strong", { role: "status" });
    say(month, inWords({ year: "numeric", month: "long" }).format(at));
    calendar.replaceChildren(
      element("div", { className: "calendar-head" }, turner("ui.date.earlier", -1, "‹"), month, turner("ui.date.later", 1, "›")),
      element("div", { className: "calendar-days" },
        ...Array.from({ length: WEEK }, (_, number) => element("span", { textContent: inWords({ weekday: "short" }).format(daysAfter(MONDAY, number)) })),
        ...Array.from({ length: 6 * WEEK }, (_, number) => cell(daysAfter(start, number)))));
  };
  calendar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); event.preventDefault(); close(); button.focus(); return; }
    const step = STEPS[event.key] ?? 0;
    const months = { PageUp: -1, PageDown: 1 }[event.key] ?? 0;
    if (!step && !months) return;
    event.preventDefault();
    at = months ? new Date(at.getFullYear(), at.getMonth() + months, 1) : daysAfter(at, step);
    draw();
    calendar.querySelector(`[data-day="${iso(at)}"]`).focus();
  });
  document.querySelector(".calendar")?.remove();
  draw();
  button.after(calendar);
  calendar.querySelector("[tabindex='0']").focus();
  addEventListener("pointerdown", outside);
}

export function startDates() {
  for (const field of document.querySelectorAll(Object.keys(KINDS).map((kind) => `input[type=${kind}]`).join())) take(field);
}
