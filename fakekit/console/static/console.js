// What the pages need beside htmx: the control header, copying, shortcuts. See ../__init__.py.
"use strict";
(() => {
  const TOKEN = "fakekit-token"; // the control token, where the server asks for one; this tab only
  const $ = (selector, root = document) => root.querySelector(selector);
  document.documentElement.classList.add("has-script");

  document.addEventListener("htmx:config:request", ({ detail }) => {
    detail.ctx.request.headers["Fakekit-Control"] = sessionStorage.getItem(TOKEN) || "1";
  });

  // The server may be stopped or restarted while the page is open.
  const connection = (isLost) => { const note = $("#connection"); if (note) note.hidden = !isLost; };
  for (const name of ["htmx:error", "htmx:sse:error"]) document.addEventListener(name, () => connection(true));
  for (const name of ["htmx:after:request", "htmx:sse:after:connection"]) document.addEventListener(name, () => connection(false));

  // A page that was opened by its address had no token in its header: it is asked for again with it.
  const openWithToken = () => htmx.ajax("GET", location.pathname + location.search, { target: "body", swap: "innerHTML" });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "token") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sessionStorage.setItem(TOKEN, event.target.elements.token.value.trim());
    openWithToken();
  }, true);
  if ($("#token") && sessionStorage.getItem(TOKEN)) addEventListener("load", () => setTimeout(openWithToken));

  document.addEventListener("click", async ({ target }) => {
    if (target.closest("[data-help]")) $("#help").showModal();
    const button = target.closest("[data-copy]");
    if (!button) return;
    const text = $("pre", button.parentElement);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    } catch { // only 127.0.0.1 and https may write to the clipboard
      getSelection().selectAllChildren(text);
    }
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "Escape") {
      if (typing) typing.blur();
      document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
    } else if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "/") { event.preventDefault(); $("[data-search]")?.focus(); }
    else if (event.key === "p") $("[data-pause]")?.click();
    else if (event.key === "?") $("#help").showModal();
  });
})();
