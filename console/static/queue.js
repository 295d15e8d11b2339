// Keeps an open queue fresh without taking anything out of a person's hands: what stays the same is not touched, so focus,
// scroll and opened parts stay. Also keeps "who has this case open" fresh. Without it the pages work by reloading.
(() => {
  "use strict";
  const EVERY = 5000, SLOWEST = 30000, PATIENCE = 10000, VIEWING_EVERY = 10000;

  async function ask(source, etag) {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(source, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected) return { signedOut: true };
    if (answer.status === 304) return {};
    if (answer.status !== 200) throw new Error("no answer");
    return { html: await answer.text(), etag: answer.headers.get("ETag") ?? "" };
  }

  // --- changing only what has changed

  const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE && node.id ? node.id : null);

  function sameKind(before, after) {
    return before.nodeType === after.nodeType && before.nodeName === after.nodeName && keyOf(before) === keyOf(after);
  }

  function change(before, after) {
    if (before.isEqualNode(after)) return;
    if (before.nodeType !== Node.ELEMENT_NODE) {
      before.nodeValue = after.nodeValue;
      return;
    }
    for (const { name } of [...before.attributes]) {
      if (!after.hasAttribute(name) && name !== "open") before.removeAttribute(name);
    }
    for (const { name, value } of [...after.attributes]) {
      if (before.getAttribute(name) !== value) before.setAttribute(name, value);
    }
    changeChildren(before, after);
  }

  function changeChildren(before, after) {
    const stays = new Set([...after.childNodes].map(keyOf));
    for (const node of [...before.childNodes]) if (keyOf(node) && !stays.has(keyOf(node))) node.remove();
    const keyed = new Map([...before.childNodes].filter(keyOf).map((node) => [keyOf(node), node]));
    let place = before.firstChild;
    for (const wanted of [...after.childNodes]) {
      let node = keyOf(wanted) ? keyed.get(keyOf(wanted)) : place;
      if (node && !keyOf(wanted) && !sameKind(node, wanted)) node = null;
      // What stands between is nothing of its own: taking it away is better than moving a row that may hold the focus.
      while (node && keyOf(wanted) && place && place !== node && !keyOf(place)) place = removed(place);
      if (!node) {
        before.insertBefore(document.importNode(wanted, true), place);
        continue;
      }
      if (node === place) place = place.nextSibling;
      else before.insertBefore(node, place);
      change(node, wanted);
    }
    while (place) place = removed(place);
  }

  function removed(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  // --- staying where the person is

  function hold(live) {
    const focused = live.contains(document.activeElement) ? document.activeElement : null;
    const row = focused?.closest("tr[id]");
    const rows = [...live.querySelectorAll("tbody tr")];
    const number = rows.indexOf(row);
    const seen = row ?? rows.find((each) => each.getBoundingClientRect().bottom > 0);
    const top = seen?.getBoundingClientRect().top;
    return () => {
      if (seen?.isConnected && window.scrollY > 0) window.scrollBy(0, seen.getBoundingClientRect().top - top);
      if (!focused || document.activeElement === focused) return;
      const next = focused.isConnected ? focused : (row?.isConnected ? row : live.querySelectorAll("tbody tr")[number])?.querySelector("a");
      (next ?? document.getElementById("page"))?.focus({ preventScroll: true });
    };
  }

  // --- saying what is new, or since when nothing is

  const gravity = (live) => {
    const told = live.querySelector("#queue-count")?.dataset ?? {};
    return { count: Number(told.grave ?? 0), newest: Date.parse(told.newest ?? "") || 0 };
  };
  const isGraver = (before, after) => after.newest > before.newest || after.count > before.count;

  function keepQueue(live) {
    const news = document.getElementById("queue-news"), title = document.title, words = live.dataset;
    const clock = new Intl.DateTimeFormat(words.language, { hour: "numeric", minute: "2-digit" });
    let etag = words.etag, fresh = new Date(), pause = EVERY, unread = 0, timer = 0, waiting = null;

    function say(text, alarming) {
      if (news.textContent !== text) news.textContent = text;
      news.classList.toggle("alert", alarming);
    }

    function show(html) {
      const before = gravity(live), release = hold(live);
      const page = new DOMParser().parseFromString(html, "text/html").body; // made by our own server, every word escaped there
      changeChildren(live, page);
      release();
      const after = gravity(live);
      if (!isGraver(before, after)) return false;
      unread += Math.max(1, after.count - before.count);
      document.title = `(${unread}) ${title}`;
      say(words.new.replace("{count}", after.count), false);
      document.dispatchEvent(new CustomEvent("new-grave-case")); // sound.js hears it
      return true;
    }

    function took(answer) {
      const wasStale = news.classList.contains("alert");
      fresh = new Date();
      pause = EVERY;
      const isNews = answer.html !== undefined && show(answer.html);
      etag = answer.etag ?? etag;
      if (wasStale && !isNews) say(words.fresh, false);
    }

    async function look() {
      clearTimeout(timer);
      if (waiting) return;
      if (isCopying() && Date.now() - fresh < SLOWEST) return again(); // what is being marked must not move under the hand
      waiting = ask(words.source, etag);
      try {
        const answer = await waiting;
        if (answer.signedOut) return say(words.signedOut, true);
        took(answer);
      } catch {
        pause = Math.min(pause * 2, SLOWEST);
        say(words.stale.replace("{time}", clock.format(fresh)), true);
      } finally {
        waiting = null;
      }
      again();
    }

    function isCopying() {
      const selected = document.getSelection();
      return selected && !selected.isCollapsed && live.contains(selected.anchorNode);
    }

    const again = () => { timer = setTimeout(look, pause); };
    const noticed = () => {
      if (document.hidden) return;
      unread = 0;
      document.title = title;
    };
    document.addEventListener("visibilitychange", noticed);
    window.addEventListener("focus", noticed);
    document.addEventListener("keydown", noticed);
    document.addEventListener("pointerdown", noticed);
    window.addEventListener("online", look);
    again();
  }

  function keepViewing(place) {
    async function look() {
      const answer = await ask(place.dataset.source).catch(() => null);
      if (answer?.signedOut) return;
      const names = answer && textOf(answer.html ?? "");
      if (answer && place.textContent.trim() !== names) place.textContent = names;
      setTimeout(look, VIEWING_EVERY);
    }
    setTimeout(look, VIEWING_EVERY);
  }

  const textOf = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.trim();

  const live = document.getElementById("queue-live");
  if (live) keepQueue(live);
  const viewing = document.getElementById("viewing");
  if (viewing) keepViewing(viewing);
})();
