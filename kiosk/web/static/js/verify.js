// The verification: what was found, line by line, the verdict first.

import { $, element, word } from "./dom.js";
import { parts, working } from "./forms.js";
import { post } from "./http.js";
import { watch } from "./jobs.js";

const form = $("verify");
const NOTICES = { good: "good", doubt: "mend", bad: "stop" };
const ICONS = { good: "pass", doubt: "review", bad: "fail" };

function line(tone, words) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${ICONS[tone]}`);
  icon.append(use);
  return element("p", { className: `notice ${NOTICES[tone]}` }, icon, element("span", { textContent: words }));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  $("verdict").replaceChildren();
  await working(parts(form), async () => {
    let answer = await post("/office/verify", new FormData(form));
    if (answer.job) answer = await watch(answer.job, form.querySelector(".job"));
    if (!answer) return $("verdict").replaceChildren(line("doubt", word("ui.job.stopped")));
    const { tone, summary, lines } = answer;
    $("verdict").replaceChildren(line(tone, summary), element("ul", {}, ...lines.map(([how, words]) => element("li", {}, line(how, words)))));
  });
});

// One of the two: what is chosen in the list, or the file.
form.elements.file.addEventListener("change", () => { if (form.elements.file.value) form.elements.export.value = ""; });
form.elements.export.addEventListener("change", () => { if (form.elements.export.value) form.elements.file.value = ""; });
