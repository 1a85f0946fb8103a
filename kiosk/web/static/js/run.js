// Photos by the class list: which class, whose turn it is, and the list, in which a child is found by name.

import { $, element, icon, redraw, say } from "./dom.js";
import { attempt, get, post } from "./http.js";
import { toast } from "./toast.js";

const FOLLOWING = 4; // how many of those who come then are named
const ICONS = { to_shoot: "todo", shot: "pass", skipped: "review", absent: "person" };
let newest = { line: null, turn: 0 };
let classes = []; // of the roster, while one is chosen

export function showRun(state) {
  const { line: run, pictures } = state;
  newest = state;
  document.body.classList.toggle("in-line", run !== null);
  for (const part of ["run-child", "run-list"]) $(part).hidden = run === null;
  $("run-then").hidden = run === null || !$("duplicates").hidden || state.panel !== null;
  if (run === null) return forget();
  const child = run.children[run.at];
  say($("run-place"), run.place);
  say($("run-class"), [run.school, run.class].filter(Boolean).join(" "));
  say($("run-name"), child.name);
  say($("run-ends"), child.ends && `…${child.ends}`);
  redraw($("run-state"), [child.state, child.stateName], () => [tag(child)]);
  if (pictures.portrait) showPhoto(pictures.portrait, child.name);
  redraw($("run-following"), following(run), (names) => names.map((name) => element("li", { textContent: name })));
  redraw($("run-counts"), run.counts, (counts) => counts.map(({ state: name, label, value }) =>
    element("div", { dataset: { state: name } }, element("dt", { textContent: label }), element("dd", { textContent: value }))));
  $("run-bar").style.inlineSize = `${run.share * 100}%`;
  return showList(run);
}

/** The photo that was taken last stays until the next one, whoever is called meanwhile. */
function showPhoto(address, name) {
  const box = $("run-photo");
  if (box.dataset.address === address) return;
  box.dataset.address = address;
  box.querySelector("img")?.remove();
  box.append(element("img", { src: address, alt: name }));
  say($("run-caption"), name);
}

/** Nothing of a class stays after it. */
function forget() {
  $("run-photo").querySelector("img")?.remove();
  delete $("run-photo").dataset.address;
  say($("run-caption"), "");
  $("run-search").value = "";
  redraw($("run-children"), [], () => []);
}

const following = ({ children, at }) =>
  [...children.slice(at + 1), ...children.slice(0, at)].filter(({ state }) => state === "to_shoot").slice(0, FOLLOWING).map(({ name }) => name);

const tag = ({ state, stateName }) =>
  element("span", { className: `tag ${state}` }, icon(ICONS[state]), element("span", { textContent: stateName }));

/** Those whom the search field means, each with the place in the list: by a part of the name, the number's end, or the place. */
function found({ children }) {
  const text = $("run-search").value.trim().toLowerCase();
  const numbered = children.map((child, index) => ({ ...child, place: index + 1 }));
  return text ? numbered.filter(({ name, ends, place }) => name.toLowerCase().includes(text) || ends.endsWith(text.toUpperCase()) || String(place) === text) : numbered;
}

function showList(run) {
  const children = found(run);
  redraw($("run-children"), [children, run.at], () => children.map((child) => row(child, run.at)));
  const here = `${run.class} ${run.at} ${children.length}`;
  if ($("run-children").dataset.here === here) return; // whoever scrolls is left alone
  $("run-children").dataset.here = here;
  $("run-children").querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
}

function row(child, at) {
  const { place, name, ends } = child;
  const shown = element("li", { className: child.state }, element("button", { type: "button", onclick: () => call(place) },
    element("span", { className: "figures", textContent: place }),
    element("strong", { textContent: name }), element("small", { className: "figures", textContent: ends && `…${ends}` }), tag(child)));
  if (place === at + 1) shown.setAttribute("aria-current", "true");
  return shown;
}

async function call(place) {
  if (!await attempt(() => post("/photo-run/call", { place, about: newest.turn }), toast)) return;
  $("run-search").value = "";
  $("run-search").blur();
}

/** Enter calls the first that is meant; the Enter that ends a word of an input method is not one. */
function search(event) {
  if (event.isComposing || !newest.line) return;
  const first = event.key === "Enter" && found(newest.line)[0];
  if (first) call(first.place);
  if (event.key !== "Escape") return;
  event.target.value = "";
  event.target.blur();
  showList(newest.line);
}

/** The classes of the roster, to choose one: by school and grade. */
async function offer({ detail }) {
  if (detail.name !== "photo-run") return;
  classes = await get($("photo-run-classes").dataset.address) ?? [];
  const schools = new Map(classes.map(({ key, school }) => [key[0], school]));
  $("photo-run-schools").hidden = schools.size < 2;
  options($("photo-run-school"), schools, unfinished(classes)?.key[0]);
  offerGrades();
}

/** The first that is not through, else the first. */
const unfinished = (of) => of.find(({ shot, children }) => shot < children) ?? of[0];

function offerGrades() {
  const of = classes.filter(({ key }) => key[0] === $("photo-run-school").value);
  options($("photo-run-grade"), new Map(of.map(({ key, grade }) => [key[1], grade])), unfinished(of)?.key[1]);
  offerClasses();
}

function offerClasses() {
  const [school, grade] = [$("photo-run-school").value, $("photo-run-grade").value];
  const of = classes.filter(({ key }) => key[0] === school && key[1] === grade);
  const next = unfinished(of);
  $("photo-run-classes").replaceChildren(...of.map((one) => element("label", {},
    element("input", { type: "radio", name: "class", value: one.key[2], required: true, checked: one === next }),
    element("span", { textContent: one.name }), element("small", { className: "figures", textContent: `${one.shot}/${one.children}` }))));
  $("photo-run-classes").querySelector(":checked")?.focus();
}

const options = (choice, values, chosen) =>
  choice.replaceChildren(...[...values].map(([value, textContent]) => element("option", { value, textContent, selected: value === chosen })));

export function startRun() {
  document.addEventListener("type-in", offer);
  document.addEventListener("find-child", () => $("run-search").focus());
  $("run-search").addEventListener("keydown", search);
  $("run-search").addEventListener("input", () => { if (newest.line) showList(newest.line); });
  $("photo-run-school").addEventListener("change", offerGrades);
  $("photo-run-grade").addEventListener("change", offerClasses);
}
