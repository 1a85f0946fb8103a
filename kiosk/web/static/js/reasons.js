// The usual reasons beside a field: a touch enters one, and it can be changed as ever. A tablet has no keyboard.

for (const button of document.querySelectorAll("[data-reason]")) {
  button.addEventListener("click", () => { button.form.elements.reason.value = button.dataset.reason; });
}
