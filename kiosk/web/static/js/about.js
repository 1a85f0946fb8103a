// What this station is, as text for a message to support.

import { $, say } from "./dom.js";

$("about-copy").addEventListener("click", async () => {
  const [button, text] = [$("about-copy"), $("about-text")];
  await navigator.clipboard.writeText(text.value).catch(() => {
    text.closest("details").open = true; // a browser that does not let us: there it is, chosen
    text.select();
    document.execCommand("copy");
  });
  say($("about-copied"), button.dataset.done);
});
