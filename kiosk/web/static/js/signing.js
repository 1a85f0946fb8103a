// Forms that come back signed: scanned one after the other, or ticked in a class.

import { $, element, icon, say } from "./dom.js";
import { fields, parts, working } from "./forms.js";
import { post } from "./http.js";

async function scan(event) {
  event.preventDefault();
  const form = event.target;
  const good = await working(parts(form), async () => {
    const { name, group } = await post(form.dataset.address, fields(form));
    $("scanned").prepend(element("li", {}, icon("pass"), element("strong", { textContent: name }), element("span", { textContent: group })));
  });
  const number = form.elements.number;
  if (good) number.value = "";
  number.select(); // a scanner types the next one at once
  number.focus();
}

$("scan").addEventListener("submit", scan);
say(parts($("scan")).problem, "");
($("scan-by").value ? $("scan-number") : $("scan-by")).focus();
