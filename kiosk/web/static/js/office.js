// The office's plain forms: sent as they are, answered in words, and the page shows what has changed.

import "./decider.js";
import "./reasons.js";
import { $, element, say, word } from "./dom.js";
import { fields, parts, working } from "./forms.js";
import { pause, post, Refused } from "./http.js";
import { barOf, watch } from "./jobs.js";

const SAID_KEPT_AS = "kiosk.said";
const POLL_MS = 500;
const RESTART_MS = 5000; // another address can't be asked whether it answers

/** What a form says: as a form where it carries files or lists, as JSON otherwise. */
const body = (form) => (form.enctype === "multipart/form-data" || "form" in form.dataset ? new FormData(form) : fields(form));

/** The same once more, with the sign that somebody has read what it would mean. */
function withConfirmation(told, key) {
  if (!(told instanceof FormData)) return { ...told, confirmed: key };
  told.set("confirmed", key);
  return told;
}

/** Shows what a deed would mean; resolves to whether a person wants it so. */
function confirmed({ title, lines, warnings }) {
  const dialog = $("confirm");
  say($("confirm-title"), title);
  const items = (texts) => texts.map((textContent) => element("li", { textContent }));
  $("confirm-lines").replaceChildren(...items(lines));
  $("confirm-warnings").replaceChildren(...items(warnings));
  $("confirm-warnings").hidden = !warnings.length;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.scrollTop = 0; // the button that has the focus lies below: what it is about is read first
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

/** Says beside each field what is wrong with it, and goes to the first; what has no field here is said under the form. */
function tell(form, faults) {
  form.dispatchEvent(new Event("faults"));
  const elsewhere = [];
  for (const place of form.querySelectorAll("[data-fault]")) say(place, faults[place.dataset.fault] ?? "");
  for (const input of form.querySelectorAll("[aria-describedby]")) {
    input.closest(".setting")?.classList.toggle("wrong", input.name in faults);
    if (input.name in faults) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  for (const [name, words] of Object.entries(faults)) if (!form.elements[name]) elsewhere.push(words);
  form.querySelector("[aria-invalid]")?.focus();
  say(parts(form).problem, [word("ui.form.faults", { count: Object.keys(faults).length }), ...elsewhere].join(" "));
}

/** Waits until the station answers as another run of it, and shows the page from there; `there` is where it will be. */
async function restarted({ run, restarting: there }) {
  say($("said"), word("ui.restart.waiting"));
  $("said").hidden = false;
  if (new URL(there).origin !== location.origin) {
    await pause(RESTART_MS);
    location.assign(there + location.pathname);
    return;
  }
  for (;;) {
    await pause(POLL_MS);
    const response = await fetch("/office/run").catch(() => null);
    if (response && (!response.ok || (await response.json()).run !== run)) break;
  }
  location.reload();
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  await working(parts(form), async () => {
    let told = body(form);
    const ask = async () => {
      const answer = await post(form.dataset.address, told);
      return answer.job ? watch(answer.job, barOf(form)) : answer;
    };
    let answer = await ask();
    if (answer?.faults) {
      tell(form, answer.faults);
      return;
    }
    if (answer?.confirm) {
      if (!await confirmed(answer.confirm)) return;
      told = withConfirmation(told, answer.confirm.key);
      answer = await ask();
    }
    if (answer?.restarting) {
      await restarted(answer);
      return;
    }
    const { message, next, file } = answer ?? { message: word("ui.job.stopped") };
    if (file) { // to be kept: the page stays
      say($("said"), message);
      $("said").hidden = false;
      location.assign(file);
      return;
    }
    sessionStorage.setItem(SAID_KEPT_AS, message);
    if (next) location.assign(next);
    else location.reload();
  });
}

/** Of the fields that give a value, shows the one that belongs to what is chosen; the others are not sent. */
function offer(select) {
  for (const part of select.form.querySelectorAll("[data-of]")) {
    const chosen = part.dataset.of === select.value;
    part.hidden = !chosen;
    for (const input of part.querySelectorAll("[name]")) input.disabled = !chosen;
  }
}

/** Long work that was begun elsewhere, or before this page was loaded anew: to be watched here, too. */
async function follow(place) {
  try {
    const result = await watch(Number(place.dataset.number), place.querySelector(".job"));
    const words = result ? result.message ?? result.summary ?? "" : word("ui.job.stopped");
    say(place.querySelector("strong"), words || `${place.getAttribute("aria-label")} ✓`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(place.querySelector(".form-problem"), error.message);
  }
}

function start() {
  if ($("running-job")) follow($("running-job"));
  const said = sessionStorage.getItem(SAID_KEPT_AS);
  sessionStorage.removeItem(SAID_KEPT_AS);
  $("said").hidden = !said;
  say($("said"), said ?? "");
  for (const form of document.querySelectorAll("form[data-address]:not([data-job], [data-stays])")) form.addEventListener("submit", send);
  for (const button of document.querySelectorAll("[data-ticks]")) {
    button.addEventListener("click", () => {
      for (const box of button.form.querySelectorAll(`[name^="${button.dataset.names ?? "record"}"]:enabled`)) box.checked = button.dataset.ticks === "all";
    });
  }
  for (const select of document.querySelectorAll("[data-submits]")) select.addEventListener("change", () => select.form.submit());
  for (const select of document.querySelectorAll("[data-offers]")) {
    select.addEventListener("change", () => offer(select));
    offer(select);
  }
  for (const select of document.querySelectorAll("[data-shows]")) {
    select.addEventListener("change", () => say($(select.dataset.shows), select.selectedOptions[0].dataset.value || "—"));
  }
}

start();
