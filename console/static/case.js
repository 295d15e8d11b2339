// Keeps the conversation on an open case fresh, and counts a text while it is written. Without it the page works by reloading.
(() => {
  "use strict";
  const live = document.getElementById("live-talk");
  if (!live) return;
  const said = document.getElementById("news");
  let etag = live.querySelector("[data-etag]")?.dataset.etag ?? "";

  async function look() {
    try {
      const answer = await fetch(live.dataset.source, { headers: { "If-None-Match": etag }, cache: "no-store" });
      if (answer.redirected || answer.status === 404) return;
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") ?? "";
        show(await answer.text());
      }
      live.dataset.late = "";
      said.classList.remove("alert");
    } catch {
      if (!live.dataset.late) said.textContent = said.dataset.late;
      live.dataset.late = "yes";
      said.classList.add("alert");
    }
    setTimeout(look, document.hidden ? 15000 : 3000);
  }

  function show(html) {
    const before = live.querySelectorAll(".said-you").length;
    const focused = document.activeElement;
    if (live.contains(focused) && focused.tagName === "BUTTON") return; // somebody is about to press "take back"
    live.innerHTML = html; // made by our own server, every word of a family escaped there
    const after = live.querySelectorAll(".said-you").length;
    said.textContent = after > before ? `${said.dataset.news} ${live.querySelector(".said-you:last-of-type .text")?.textContent ?? ""}` : "";
  }

  function measure(form) {
    const field = form.querySelector("textarea");
    const size = form.querySelector("#size");
    let timer = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const body = new FormData(form);
        const answer = await fetch(form.dataset.measure, { method: "POST", body }).catch(() => null);
        if (answer?.ok) size.textContent = await answer.text();
      }, 400);
    });
  }

  const form = document.querySelector("form.say");
  if (form) measure(form);
  setTimeout(look, 3000);
})();
