// Fragments that fetch themselves again: what the reader opened stays open, and what somebody is
// filling in is left alone until it is sent.
(() => {
  const typed = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  const beingFilled = (part) =>
    (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) ||
    [...part.querySelectorAll("input, textarea")].some(typed);
  let open = [];

  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    // A change of one's own, such as another procedure, takes what was typed along.
    const own = event.detail.requestConfig?.triggeringEvent?.type === "change";
    if (!own && beingFilled(part)) {
      event.detail.shouldSwap = false;
      return;
    }
    open = [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });
})();

// Copying and printing, for who takes a digest or a plan elsewhere.
(() => {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-url], [data-print]");
    if (!button) return;
    if (button.dataset.print !== undefined) return print();
    const text = button.dataset.copy ?? (await (await fetch(button.dataset.copyUrl)).text());
    if (!navigator.clipboard) return prompt("Copy this:", text);
    await navigator.clipboard.writeText(text);
    button.querySelector("span").textContent = "Copied";
  });
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("main details")) fold.open = true;
  });
})();
