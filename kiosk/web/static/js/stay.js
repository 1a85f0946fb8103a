// The student's own window is not to be left: keys, menus, drags and links do nothing. What gets through all the same, the server
// answers with this very page.

const NOTHING = ["keydown", "keypress", "keyup", "contextmenu", "dragstart", "dragover", "drop", "selectstart", "auxclick", "copy", "paste"];

export function stay() {
  for (const kind of NOTHING) addEventListener(kind, nothing, { capture: true });
  addEventListener("wheel", (event) => { if (event.ctrlKey) event.preventDefault(); }, { capture: true, passive: false }); // zooms
  addEventListener("click", (event) => { if (event.target instanceof Element && event.target.closest("a[href]")) nothing(event); }, { capture: true });
}

function nothing(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
