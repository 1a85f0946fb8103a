// The log-in by thumb, and by card and PIN. Without this script the form works as it is.

import { $, say } from "./dom.js";
import { Waiting } from "./thumb.js";

const form = $("login-form");
let chosen = ""; // by a card

function show({ message, tone, person, go }) {
  const line = $("thumb-line");
  line.hidden = false;
  line.dataset.tone = tone;
  say($("thumb-words"), message);
  if (go) return location.assign(go);
  if (!person || person.id === chosen) return undefined;
  chosen = person.id;
  const button = [...form.elements.by].find(({ value }) => value === person.id) ?? form.elements.by;
  button.checked = true;
  return $("pin").focus();
}

if (form && !form.elements.new) new Waiting("/thumb/login", () => ({ next: form.elements.next.value }), show).begin();
