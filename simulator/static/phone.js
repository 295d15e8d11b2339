// The phone's page: shows one thread, keeps it fresh by asking again and again, and sends what is typed.
// Texts come from people, so they enter the page as text only, never as markup.
"use strict";

const byId = (id) => document.getElementById(id);
const phone = byId("phone").dataset.phone;
const thread = byId("thread");
const address = `/simulator/phones/${encodeURIComponent(phone)}/messages`;
const shown = new Map();
const PAUSE = 700;
let after = 0;
let asking = false;
let run = null;

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function tell(sentence) {
  byId("trouble").textContent = sentence;
  byId("trouble").hidden = sentence === "";
}

function fate(message) {
  if (message.from === "parent") {
    if (!message.webhook_done) return "sending";
    if (message.webhook_status === null) return "the program did not answer";
    return message.webhook_status < 300 ? "✓ taken" : `the program answered ${message.webhook_status}`;
  }
  if (message.from === "carrier") return "from the carrier";
  if (message.error_code) return `${message.status}, error ${message.error_code}`;
  return { delivered: "✓✓ delivered", sent: "✓ sent" }[message.status] ?? message.status;
}

function failed(message) {
  if (message.from !== "parent") return message.error_code !== null;
  return message.webhook_done && !(message.webhook_status < 300 && message.webhook_status !== null);
}

function size(message) {
  const plural = message.segments === 1 ? "segment" : "segments";
  return `${message.segments} ${plural}, ${message.encoding}`;
}

function words(message) {
  if (message.media === 0) return message.text;
  const pictures = message.media === 1 ? "[a picture]" : `[${message.media} pictures]`;
  return message.text ? `${pictures} ${message.text}` : pictures;
}

function show(message) {
  const time = new Date(message.at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  const item = element("article", `text text-${message.from}${failed(message) ? " text-failed" : ""}`, "");
  item.append(element("p", "bubble", words(message)));
  item.append(element("p", "meta", [time, size(message), fate(message)].join(" · ")));
  const before = shown.get(message.sid);
  if (before) before.replaceWith(item);
  else thread.append(item);
  shown.set(message.sid, item);
}

function take(answer) {
  if (run !== null && answer.run !== run) {
    // The simulator was reset or started anew: its thread is empty, and so must this one be.
    location.reload();
    return;
  }
  run = answer.run;
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  answer.messages.forEach(show);
  after = answer.next;
  byId("empty").hidden = shown.size > 0;
  byId("blocked").hidden = !answer.blocked;
  byId("faults").hidden = !answer.faults;
  if (atEnd && answer.messages.length > 0) thread.scrollTop = thread.scrollHeight;
}

async function refresh() {
  if (asking) return;
  asking = true;
  try {
    const response = await fetch(`${address}?after=${after}`);
    if (response.ok) take(await response.json());
    if (response.ok && byId("trouble").dataset.offline) tell("");
    byId("trouble").dataset.offline = response.ok ? "" : "yes";
  } catch {
    byId("trouble").dataset.offline = "yes";
    tell("The simulator does not answer. Is it still running?");
  } finally {
    asking = false;
  }
}

async function send(text, media) {
  const answer = fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text, media }),
  });
  setTimeout(refresh, 60);
  const response = await answer;
  if (!response.ok) throw new Error(String(response.status));
}

async function submit(event) {
  event.preventDefault();
  const box = byId("text");
  const text = box.value;
  const media = byId("picture").checked ? 1 : 0;
  if (text === "" && media === 0) return;
  box.value = "";
  byId("picture").checked = false;
  fit();
  tell("");
  thread.scrollTop = thread.scrollHeight;
  try {
    await send(text, media);
  } catch {
    if (box.value === "") box.value = text;
    tell("The text could not be sent. It is back in the box.");
  }
  refresh();
}

function fit() {
  const box = byId("text");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 144)}px`;
}

function pick(event) {
  event.preventDefault();
  const number = byId("number").value.trim();
  if (number) location.search = new URLSearchParams({ number }).toString();
}

async function offerPhones() {
  const response = await fetch("/simulator/phones");
  const { phones } = await response.json();
  byId("phones").replaceChildren(...phones.map((number) => new Option(number, number)));
}

byId("compose").addEventListener("submit", submit);
byId("pick").addEventListener("submit", pick);
byId("number").addEventListener("focus", () => offerPhones().catch(() => {}));
byId("text").addEventListener("input", fit);
byId("text").addEventListener("keydown", (event) => {
  // Enter sends, as on a phone's keyboard; Shift and Enter make a new line. An open input method keeps Enter.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
});
refresh();
setInterval(() => { if (!document.hidden) refresh(); }, PAUSE);
document.addEventListener("visibilitychange", refresh);
byId("text").focus({ preventScroll: true });
