// The lively part of the chat page. What a family wrote is repeated with the same id until the server has it, and stays in
// this tab meanwhile; what was said is asked for by "after", so a lost connection loses nothing. Text is only ever set as text.
"use strict";

const words = JSON.parse(document.getElementById("chat").dataset.words);
const language = document.documentElement.lang;
const [log, scroller, choices, notice, compose, field, leave] = ["log", "scroller", "choices", "notice", "compose", "text", "leave"]
  .map((id) => document.getElementById(id));

const KEPT = "growline-chat"; // in sessionStorage: {token, unsent: [{id, text}]}; gone when the tab is closed
const WAIT_SECONDS = 25;
const ANSWER_LATE = (WAIT_SECONDS + 10) * 1000;
const SEND_LATE = 15000;
const LONGEST_PAUSE = 15000;

const chat = { token: "", unsent: [], after: 0, shown: new Set(), sending: false, onItsWay: null, leaving: false };

/* What this tab remembers. */

function remember() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ token: chat.token, unsent: chat.unsent }));
  } catch { /* Storage may be closed off; the chat then lives as long as the page. */ }
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
    chat.token = typeof kept.token === "string" ? kept.token : "";
    chat.unsent = Array.isArray(kept.unsent) ? kept.unsent : [];
  } catch { /* As if nothing was kept. */ }
}

function forget() {
  try {
    sessionStorage.removeItem(KEPT);
  } catch { /* Nothing was kept. */ }
}

/* Speaking with the server. */

async function ask(method, path, { body, late = SEND_LATE } = {}) {
  const headers = { "Accept-Language": language };
  if (chat.token) headers.Authorization = `Bearer ${chat.token}`;
  if (body) headers["Content-Type"] = "application/json";
  const options = { method, headers, cache: "no-store", signal: AbortSignal.timeout(late), body: body && JSON.stringify(body) };
  return fetch(path, options);
}

const pause = (milliseconds) => new Promise((resolve) => {
  const timer = setTimeout(done, milliseconds);
  function done() { clearTimeout(timer); removeEventListener("online", done); resolve(); }
  addEventListener("online", done);
});

const backoff = (tries) => Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(tries, 4)) * (0.75 + Math.random() / 2);

function pauseAsked(response, tries) {
  const seconds = Number(response?.headers.get("Retry-After"));
  return seconds > 0 ? seconds * 1000 : backoff(tries);
}

async function openChat() {
  say(words.connecting);
  for (let tries = 0; !chat.token; tries += 1) {
    const response = await ask("POST", "/chat/sessions", { body: { language } }).catch(() => null);
    if (response?.status === 201) {
      chat.token = (await response.json()).token;
      remember();
      say("");
      return;
    }
    say(response?.status === 429 ? words.too_many_chats : navigator.onLine ? words.cannot_connect : words.offline, true);
    await pause(pauseAsked(response, tries));
  }
}

async function follow() {
  const token = chat.token;
  for (let tries = 0; token === chat.token && !chat.leaving;) {
    // The first reading does not wait, so that a chat resumed after a refresh is there at once.
    const wait = chat.shown.size ? WAIT_SECONDS : tries ? 0 : 1;
    const response = await ask("GET", `/chat/messages?after=${chat.after}&wait=${wait}`, { late: ANSWER_LATE }).catch(() => null);
    if (chat.leaving || token !== chat.token) return;
    if (response?.status === 404) return ended();
    if (!response?.ok) {
      if (!navigator.onLine) say(words.offline, true);
      tries += 1;
      await pause(pauseAsked(response, tries));
      continue;
    }
    if (tries) say("");
    tries = 0;
    const { messages } = await response.json();
    // A message on its way may be among these; once its own answer is here, the two are known to be one.
    if (messages.some((message) => message.from === "you")) await chat.onItsWay;
    // Who has scrolled up to read is left where they are.
    const follows = isAtEnd() || !chat.shown.size;
    messages.forEach(show);
    if (follows) toEnd();
  }
}

/* Saying something. */

function send(text) {
  const id = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("-");
  const unsent = { id, text };
  chat.unsent.push(unsent);
  remember();
  showUnsent(unsent);
  closeChoices();
  sendAll();
}

async function sendAll() {
  if (chat.sending) return;
  chat.sending = true;
  for (let tries = 0; chat.unsent.length && chat.token && !chat.leaving;) {
    chat.onItsWay = sendOne(chat.unsent[0], tries);
    const asked = await chat.onItsWay;
    tries = asked ? tries + 1 : 0;
    if (asked) await pause(asked);
  }
  chat.sending = false;
}

// Sends once; gives back the milliseconds to wait before it is tried again, or 0 when it is settled.
async function sendOne(unsent, tries) {
  const body = { client_msg_id: unsent.id, text: unsent.text };
  const response = await ask("POST", "/chat/messages", { body }).catch(() => null);
  if (response?.status === 202) {
    arrived(unsent, (await response.json()).seq);
  } else if (response?.status === 404) {
    ended();
  } else if (response && [400, 409, 413, 422].includes(response.status)) {
    giveBack(unsent, response.status === 413 ? words.too_large : words.refused);
  } else {
    mark(unsent, words.not_sent);
    if (!navigator.onLine) say(words.offline, true);
    return pauseAsked(response, tries);
  }
  return 0;
}

function arrived(unsent, seq) {
  chat.unsent.shift();
  remember();
  const bubble = element(unsent);
  if (chat.shown.has(seq)) {
    bubble?.remove();
  } else if (bubble) {
    bubble.classList.remove("pending");
    bubble.querySelector(".delivery").remove();
    chat.shown.add(seq);
  }
  if (chat.after <= seq) say(words.waiting);
}

function giveBack(unsent, why) {
  chat.unsent.shift();
  remember();
  element(unsent)?.remove();
  field.value = field.value ? `${unsent.text}\n${field.value}` : unsent.text;
  grow();
  say(why, true);
}

/* Showing. */

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function addBubble(speaker, text, before = null) {
  const message = node("div", `message from-${speaker}`);
  message.append(node("p", "speaker", words[`speaker_${speaker}`]), node("p", "bubble", text));
  log.insertBefore(message, before);
  if (message.previousElementSibling?.classList.contains(`from-${speaker}`)) message.classList.add("same-speaker");
  return message;
}

function show(message) {
  chat.after = Math.max(chat.after, message.seq);
  if (!chat.shown.has(message.seq)) {
    chat.shown.add(message.seq);
    // What is not sent yet stands below all that was said.
    addBubble(message.from, message.text, log.querySelector(".pending"));
  }
  closeChoices();
  if (message.from !== "you") say("");
  if (message.choices.length && !chat.unsent.length) offer(message.choices);
}

function showUnsent(unsent) {
  const bubble = addBubble("you", unsent.text);
  bubble.classList.add("pending");
  bubble.dataset.id = unsent.id;
  bubble.append(node("p", "delivery", words.sending));
  toEnd();
}

const element = (unsent) => [...log.children].find((child) => child.dataset.id === unsent.id);

function mark(unsent, text) {
  const delivery = element(unsent)?.querySelector(".delivery");
  if (delivery && delivery.textContent !== text) delivery.textContent = text;
}

function offer(list) {
  const group = node("div", "choices");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", words.choices_label);
  for (const choice of list) {
    const button = node("button", "", choice.label);
    button.type = "button";
    button.addEventListener("click", () => { send(choice.text); field.focus({ preventScroll: true }); });
    group.append(button);
  }
  choices.replaceChildren(group);
}

const closeChoices = () => choices.replaceChildren();

function say(text, trouble = false) {
  if (notice.textContent !== text) notice.textContent = text;
  notice.classList.toggle("trouble", trouble);
}

const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 150;

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
}

function ended() {
  const unsentWords = chat.unsent.map((unsent) => unsent.text).join("\n");
  chat.unsent.forEach((unsent) => element(unsent)?.remove());
  chat.unsent = [];
  chat.token = "";
  forget();
  closeChoices();
  if (unsentWords) field.value = [unsentWords, field.value].filter(Boolean).join("\n");
  say(words.ended, true);
  const button = node("button", "", words.new_chat);
  button.type = "button";
  button.addEventListener("click", startAnew);
  notice.append(button);
  toEnd();
}

function startAnew() {
  chat.after = 0;
  chat.shown.clear();
  log.replaceChildren();
  converse();
  field.focus();
}

/* The page. */

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

function submit() {
  const text = field.value.trim();
  if (!text || (!chat.token && notice.querySelector("button"))) return;
  field.value = "";
  grow();
  send(text);
}

compose.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  // On a touch screen Enter makes a new line, as people are used to there.
  const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(hover: hover)").matches;
  if (sends) { event.preventDefault(); submit(); }
});
leave.addEventListener("click", (event) => {
  event.preventDefault();
  chat.leaving = true;
  forget();
  document.body.replaceChildren();
  location.replace(leave.href);
});
// A page brought back by the Back button shows what it showed; load it afresh instead.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
globalThis.visualViewport?.addEventListener("resize", toEnd); // The keyboard opens over the newest words.
addEventListener("online", () => { if (notice.textContent === words.offline) say(""); });
addEventListener("offline", () => say(words.offline, true));

async function converse() {
  if (!chat.token) await openChat();
  sendAll();
  await follow();
}

recall();
log.replaceChildren();
choices.replaceChildren();
say("");
chat.unsent.forEach(showUnsent);
converse();
