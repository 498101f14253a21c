// Header, new requests, copying, keys.
const $ = (selector) => document.querySelector(selector);
const on = (names, act) => names.split(" ").forEach((name) => addEventListener(name, act, true));
on("DOMContentLoaded", () => window.htmx && $("html").classList.add("has-script"));

on("htmx:config:request", ({ detail }) => {
  detail.ctx.request.headers["Fakekit-Control"] = sessionStorage.token || "1";
});
on("htmx:error htmx:sse:error htmx:after:request", ({ type }) => {
  $("#connection").hidden = !type.endsWith("error");
});

// A page opened by its address had no token.
const open = () => htmx.ajax("GET", location.href, "body");
on("submit", (event) => {
  if (event.target.id !== "token") return;
  event.preventDefault();
  sessionStorage.token = event.target.token.value.trim();
  open();
});
if ($("#token") && sessionStorage.token) addEventListener("load", open);

// New rows wait in #new while somebody reads the list.
const drop = (list, last) => [...list.rows].forEach((row, i) => (i > 999 || row.id.slice(8) > +last) && row.remove());
const showRows = ({ target, detail }) => {
  const wait = $("#new"), since = $("#since"), { hidden, title } = document;
  if (!wait) return;
  const { rows } = wait;
  if (rows[0] && detail?.ctx?.request.action?.endsWith(`=${since.value}`)) since.value = rows[0].id.slice(8);
  drop(wait, since.value);
  const isRead = hidden || scrollY || $(".paused, #requests:is(:hover, :focus-within)");
  const button = $("[data-new]"), list = $("#requests");
  if (target === button) scrollTo(0, 0);
  if (rows[0] && (target === button || !isRead)) {
    drop(list, wait.lastElementChild.id.slice(8) - 1);
    list.prepend(...rows);
    drop(list);
  }
  button.hidden = !rows[0];
  button.textContent = rows.length + " new";
  document.title = (hidden && rows[0] ? `(${rows.length}) ` : "") + title.replace(/^\(\d+\) /, "");
};
on("request", ({ detail }) => { // late, or restarted
  const since = $("#since");
  if (detail.id - since.value > 0) return;
  since.value = detail.id - 1;
  drop($("#new"), since.value);
});

on("click", async ({ target }) => {
  if (target.matches("[data-help]")) $("#help").showModal();
  if (target.matches("[data-pause]")) target.classList.toggle("paused");
  if (!target.matches("[data-copy]")) return;
  const text = target.previousElementSibling;
  try {
    await navigator.clipboard.writeText(text.textContent);
    target.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
  }
});
on("click visibilitychange htmx:after:swap", showRows);

on("keydown", (event) => {
  const { target, key } = event;
  if (key === "Escape") {
    target.blur();
    $("#account-menu")?.removeAttribute("open");
  }
  const it = $(key === "n" ? "#first a, #requests a" : `[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (!it || target.matches("input,textarea,select") || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  it[key === "/" ? "focus" : "click"]();
});
