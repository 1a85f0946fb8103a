// Who answers for a decision: by PIN, by card and PIN, or by the thumb. Every form with a decider waits while it is worked in.

import { say } from "./dom.js";
import { Waiting } from "./thumb.js";

const sent = new Set(); // deciders whose forms were sent
let active = null; // the decider that is waited for

const waiting = new Waiting("/thumb/decide", () => ({ purpose: active.dataset.purpose }), show);

/** What its requests are called: the address, and for an order which one. */
function purposeOf(decider) {
  const form = decider.closest("form");
  return [form.dataset.decides ?? form.dataset.address ?? "/command", form.dataset.order ?? ""].join(" ").trim();
}

function show({ message, tone, person, grant }) {
  if (active === null) return;
  const line = active.querySelector(".thumb-line");
  const form = active.closest("form");
  const { by, pin, thumb } = form.elements;
  if (thumb.value && !grant) return; // who has pressed stays, whatever comes
  line.hidden = false;
  line.dataset.tone = tone;
  say(line.querySelector(".thumb-words"), message);
  if (!person) return;
  by.value = person.id;
  if (!grant) return pin.focus();
  thumb.value = grant;
  pin.value = "";
  pin.required = false;
  form.querySelector("[type=submit]").focus();
}

/** As before anybody has pressed. */
function forget(decider) {
  const { by, pin, thumb } = decider.closest("form").elements;
  thumb.value = "";
  pin.required = by.required;
  decider.querySelector(".thumb-line").hidden = true;
}

function wake(decider) {
  if (decider === active || decider.offsetParent === null) return;
  if (sent.delete(decider)) forget(decider); // a thumb is good for once
  active = decider;
  decider.dataset.purpose = purposeOf(decider);
  waiting.begin();
}

/** The form is sent: nobody is waited for, until it is worked in again. */
function rest(decider) {
  if (decider !== active) return;
  waiting.end();
  active = null;
}

function sleep(decider) {
  rest(decider);
  forget(decider);
}

for (const decider of document.querySelectorAll(".decider")) {
  const form = decider.closest("form");
  const dialog = form.closest("dialog");
  form.addEventListener("focusin", () => wake(decider));
  form.addEventListener("reset", () => forget(decider));
  form.addEventListener("formdata", ({ formData }) => { if (!formData.get("thumb")) formData.delete("thumb"); });
  form.addEventListener("submit", () => {
    rest(decider);
    sent.add(decider);
  });
  for (const field of [form.elements.by, form.elements.pin]) field.addEventListener("input", () => forget(decider));
  dialog?.addEventListener("close", () => sleep(decider));
}
