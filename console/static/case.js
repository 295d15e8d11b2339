// Keeps the conversation on an open case fresh, and counts a text while it is written. Without it the page works by reloading.
(() => {
  "use strict";
  const live = document.getElementById("live-talk");
  if (!live) return;
  const said = document.getElementById("news");
  let etag = live.querySelector("[data-etag]")?.dataset.etag ?? "";
  let late = false;

  async function look() {
    try {
      const answer = await fetch(live.dataset.source,
        { headers: { "If-None-Match": etag }, cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (answer.redirected) return tell(said.dataset.signedOut, true);
      // What could not be shown just now is asked for again: its etag is not kept.
      if (answer.status === 200) { if (show(await answer.text())) etag = answer.headers.get("ETag") ?? ""; }
      else if (answer.status !== 304) throw new Error(String(answer.status));
      if (late) tell("", false);
      late = false;
    } catch {
      if (!late) tell(said.dataset.late, true);
      late = true;
    }
    setTimeout(look, document.hidden ? 15000 : 3000);
  }

  function tell(words, alarming) {
    said.textContent = words;
    said.classList.toggle("alert", alarming);
  }

  function show(html) {
    const focused = document.activeElement;
    if (live.contains(focused) && focused.tagName === "BUTTON") return false; // somebody is about to press "take back"
    const before = live.querySelectorAll(".said-you").length;
    const open = [...live.querySelectorAll("details[open]")].map((one) => one.id);
    const inHand = live.contains(focused) ? focused.closest("details")?.id : undefined;
    live.innerHTML = html; // made by our own server, every word of a family escaped there
    for (const id of open) live.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (inHand) live.querySelector(`#${CSS.escape(inHand)} summary`)?.focus({ preventScroll: true });
    const theirs = [...live.querySelectorAll(".said-you .text")];
    if (theirs.length > before) tell(`${said.dataset.news} ${theirs.at(-1).textContent}`, false);
    return true;
  }

  function measure(form) {
    const field = form.querySelector("textarea");
    const size = form.querySelector("#size");
    let timer = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const answer = await fetch(form.dataset.measure, { method: "POST", body: new FormData(form) }).catch(() => null);
        if (answer?.ok && !answer.redirected) size.textContent = await answer.text();
      }, 400);
    });
  }

  const form = document.querySelector("form.say");
  if (form) measure(form);
  setTimeout(look, 3000);
})();
