// Closing the operator's window ends the station, where the window is the station's own: the browser asks first. It doesn't ask
// whoever goes on to another page of ours.

let leaving = false;

export function askBeforeClosing() {
  globalThis.navigation?.addEventListener("navigate", ({ hashChange, downloadRequest }) => { leaving = !hashChange && downloadRequest === null; });
  globalThis.navigation?.addEventListener("navigateerror", () => { leaving = false; });
  addEventListener("beforeunload", (event) => { if (!leaving) event.preventDefault(); });
}
