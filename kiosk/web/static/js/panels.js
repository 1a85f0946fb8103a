// A step's own panel, on both screens: templates/steps/<step>.html, and where it does something js/steps/<step>.js.

import { $, element, redraw } from "./dom.js";
import { post } from "./http.js";

let turn = 0;

/** Shows the panel of the step at hand; each of its parts with `data-say` says what the state has for it. */
export function showPanel(state) {
  turn = state.turn;
  for (const box of document.querySelectorAll("[data-panel]")) {
    box.hidden = box.dataset.panel !== state.panel?.step;
    if (box.hidden) continue;
    for (const part of box.querySelectorAll("[data-say]")) {
      const said = state.panel.says[part.dataset.say];
      part.hidden = !said;
      if (said) redraw(part, said, words);
    }
  }
  document.dispatchEvent(new CustomEvent("panel", { detail: state }));
}

const words = ([large, small]) => [
  element("span", { textContent: large }),
  small ? element("small", { textContent: small, lang: $("instruction-small").lang }) : null,
].filter(Boolean);

/** Gives the step what was done on its panel; throws Refused with words. */
export const handIn = (given) => post("/hand-in", { about: turn, given });
