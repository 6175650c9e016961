// Colours: light, dark, or as the system says. Runs before the first paint; remembers per browser.
(() => {
  const key = "portal-theme";
  const root = document.documentElement;
  const stored = () => localStorage.getItem(key) || "system";

  function show(choice) {
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  }

  show(stored());
  document.addEventListener("DOMContentLoaded", () => show(stored()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    localStorage.setItem(key, button.dataset.themeChoice);
    show(button.dataset.themeChoice);
  });
})();
