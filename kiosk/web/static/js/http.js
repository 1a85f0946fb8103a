// Requests to our own server, and the state as it changes.

import { $, word } from "./dom.js";

const TOKEN = document.querySelector('meta[name="csrf-token"]').content;
const RETRY_MS = 700;
const CROWDED_MS = 500;
const LOGGED_OUT = 401;

/** Nobody is logged in with this browser any more, or the screen is locked: what it shows is left. */
const toTheDoor = () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);

/** What the server refused, in words. */
export class Refused extends Error {}

/** Does a job, and shows in words what the server refused; resolves to whether it went well. */
export async function attempt(job, show) {
  try {
    await job();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    show(error.message);
    return false;
  }
}

async function send(address, body) {
  const isForm = body instanceof FormData;
  let response;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": TOKEN, ...(isForm ? {} : { "Content-Type": "application/json" }) },
      body: isForm ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refused(word("ui.lost"));
  }
  if (response.ok) return response;
  if (response.status === LOGGED_OUT) toTheDoor();
  const answer = await response.json().catch(() => ({}));
  throw new Refused(answer.message ?? word("ui.failed"));
}

/** Gets JSON; resolves to null when the server is gone or refuses: for what is only a help. */
export async function get(address) {
  const response = await fetch(address).catch(() => null);
  return response?.ok ? response.json() : null;
}

/** Posts JSON or a form; resolves to the answer's JSON or null, throws Refused with words for the reader. */
export async function post(address, body = {}) {
  const response = await send(address, body);
  return response.status === 204 ? null : response.json();
}

/** Posts without an answer, also from a page that is being left. */
export function leaveBehind(address, body = {}) {
  fetch(address, { method: "POST", keepalive: true, headers: { "X-CSRFToken": TOKEN, "Content-Type": "application/json" }, body: JSON.stringify(body) }).catch(() => {});
}

/** Posts a form and saves the file that is answered, under a name. */
export async function download(address, body, name) {
  const file = URL.createObjectURL(await (await send(address, body)).blob());
  Object.assign(document.createElement("a"), { href: file, download: name }).click();
  URL.revokeObjectURL(file);
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when the page can be seen: a hidden page holds no connection. */
export function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", function look() {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    });
  });
}

/** Follows the station's snapshots for ever; shows when the server is gone, and loads a page of a former server afresh. */
export async function follow(screen, show) {
  let number = 0;
  let run = null;
  let shown = null;
  let leaving = false;
  addEventListener("pagehide", () => { leaving = true; });
  for (;;) {
    await visible();
    const stop = new AbortController();
    const hide = () => { if (document.hidden) stop.abort(); };
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await fetch(`/state?screen=${screen}&after=${number}`, { signal: stop.signal });
      if (response.status === LOGGED_OUT) return toTheDoor();
      if (!response.ok) throw new Error(String(response.status));
      const state = await response.json();
      if (run !== null && run !== state.run) location.reload();
      run = state.run;
      $("lost").hidden = true;
      // The number is the station's; what holds for everybody (a deadline that has passed) comes without a new one.
      const words = `${state.number} ${state.instruction} ${state.notice} ${state.untested}`;
      if (words !== shown) show(state);
      shown = words;
      number = state.number;
      if (state.crowded) await pause(CROWDED_MS);
    } catch (error) {
      if (stop.signal.aborted || leaving) continue;
      if (!(error instanceof TypeError) && !/^\d+$/.test(error.message)) console.error(error);
      $("lost").hidden = false;
      await pause(RETRY_MS);
    } finally {
      document.removeEventListener("visibilitychange", hide);
    }
  }
}
