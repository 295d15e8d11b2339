// The chat window as a web component: what a family sees and touches. What happens to their words is `talk`'s part.

import { Announcer } from "./announcer";
import { AnswersPanel } from "./answers";
import { goingOnByText } from "./by_text";
import { paint } from "./color";
import { button, fill, h } from "./dom";
import { Memory, type Unsent } from "./memory";
import { Server, type Choice, type Message } from "./server";
import { Talk, type Ears, type Notice } from "./talk";
import type { Configurable, Language, Setup, Words } from "./told";
import style from "./window.css";

const TROUBLE = new Set<Notice>(["cannot_connect", "offline", "too_many_chats", "too_large", "refused"]);

class ChatWindow extends HTMLElement implements Configurable, Ears {
  private setup!: Setup;
  private language: Language = "en";
  private words: Words = {};
  private memory = new Memory();
  private talk!: Talk;
  private announcer = new Announcer();
  private root = this.attachShadow({ mode: "open" });
  private idle = 0;
  private running = false;

  // The parts of the window; made anew when the language changes.
  private log = h("div");
  private choices = h("div");
  private notice = h("p");
  private progress = h("p");
  private answers = button("", () => undefined);
  private body = h("div");
  private field = h("textarea");
  private compose = h("form");
  private date = h("form");
  private window = h("section");
  private launcher: HTMLButtonElement | null = null;
  private transcript: Message[] = [];

  setUp(setup: Setup): void {
    this.setup = setup;
    this.language = setup.language;
    const server = new Server(setup.base, this.language);
    this.memory.shared = setup.shared === true;
    if (!this.memory.shared) this.memory.recall();
    this.talk = new Talk(server, this.memory, this);
  }

  connectedCallback(): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    this.root.adoptedStyleSheets = [sheet];
    paint(this, this.setup.color);
    this.draw();
    for (const kind of ["keydown", "pointerdown"]) this.addEventListener(kind, () => this.stir());
    addEventListener("offline", () => this.noticed("offline"));
    addEventListener("online", () => { if (this.notice.dataset.kind === "offline") this.noticed(""); });
    // A page brought back by the Back button shows what it showed; begin it afresh instead.
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    if (this.setup.page) this.open();
  }

  /* Drawing. */

  private draw(): void {
    this.words = this.setup.told.words[this.language];
    const { words, setup } = this;
    const draft = this.field.value || this.memory.draft;
    this.lang = this.language;
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": words.log_label ?? "" });
    this.choices = h("div");
    this.notice = h("p", { class: "notice" });
    this.progress = h("p", { class: "progress" });
    this.body = h("div", { class: "body", tabindex: "0", role: "region", "aria-label": words.log_label ?? "" },
      h("p", { class: "about" }, words.about ?? ""), this.log, this.choices, this.notice);
    this.field = h("textarea", { rows: "1", maxlength: "10000", id: "say", autocomplete: "off", input: () => this.typed() });
    this.field.placeholder = words.field_label ?? "";
    this.field.value = draft;
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.compose = h("form", { submit: (event) => { event.preventDefault(); this.send(); } },
      h("label", { class: "unseen", for: "say" }, words.field_label ?? ""), this.field,
      h("button", { class: "main", type: "submit" }, words.send ?? ""));
    this.date = this.dateForm();
    this.answers = button(words.answers ?? "", () => void this.showAnswers(this.answers), { class: "quiet" });
    this.answers.hidden = !this.talk.server.token;
    this.window = h("section",
      { class: "window", role: setup.page ? "main" : "dialog", "aria-label": words.title ?? "", keydown: (e) => this.escape(e) },
      h("div", { class: "top" },
        h("div", { class: "row" }, this.leaveLink(),
          h("span", {}, this.languageButton(), ...(setup.page ? [] : [this.closeButton()]))),
        h(setup.page ? "h1" : "h2", {}, words.title ?? ""), this.emergency(),
        h("div", { class: "row" }, this.progress, this.answers)),
      this.body, this.date, this.compose);
    this.window.hidden = !this.running;
    this.launcher = setup.page ? null : button(words.open ?? "", () => this.open(), { class: "launcher main" });
    if (this.launcher) this.launcher.hidden = this.running;
    const parts: HTMLElement[] = [...(this.launcher ? [this.launcher] : []), this.window, this.announcer.element];
    this.root.replaceChildren(h("div", { class: setup.page ? "page" : "over", lang: this.language }, ...parts));
    for (const message of this.transcript) this.show(message);
    for (const unsent of this.memory.unsent) this.showUnsent(unsent);
    this.typed();
  }

  private leaveLink(): HTMLElement {
    const { leave } = this.setup.told;
    return h("a", { class: "link", href: leave, rel: "noreferrer", click: (event) => { event.preventDefault(); this.leaveQuickly(); } },
      this.words.leave ?? "");
  }

  private languageButton(): HTMLElement {
    const other: Language = this.language === "en" ? "es" : "en";
    return button(this.words.other_language ?? "", () => {
      this.language = this.talk.server.language = other;
      this.draw();
      if (this.running && !this.talk.server.token && !this.memory.token) this.askWhoseComputer();
      this.toEnd();
      this.root.querySelector<HTMLElement>(".language")?.focus();
    }, { class: "quiet language", lang: other });
  }

  private closeButton(): HTMLElement {
    return button("✕", () => this.close(), { class: "quiet", "aria-label": this.words.close ?? "" });
  }

  private emergency(): HTMLElement {
    const { phone } = this.setup.told;
    const [before = "", after = ""] = (this.words.emergency ?? "").split(phone);
    return h("p", { class: "emergency" }, before, h("a", { href: `tel:${phone}` }, phone), after);
  }

  private dateForm(): HTMLFormElement {
    const today = new Date().toLocaleDateString("en-CA"); // yyyy-mm-dd, as the field wants it
    const field = h("input", { type: "date", id: "date", max: today, required: true });
    const form = h("form", { class: "date", hidden: true, submit: (event) => {
      event.preventDefault();
      // In words, so that no reader takes the month for the day.
      const day = new Date(`${field.value}T12:00:00`).toLocaleDateString(this.language, { dateStyle: "long" });
      field.value = "";
      this.talk.say(day);
      this.field.focus({ preventScroll: true });
    } }, h("label", { for: "date" }, this.words.date_label ?? ""), field, h("button", { type: "submit" }, this.words.date_use ?? ""));
    return form;
  }

  /* Opening and closing. */

  private open(): void {
    this.window.hidden = false;
    if (this.launcher) this.launcher.hidden = true;
    if (!this.running) {
      this.running = true;
      void this.start();
    }
    if (!this.setup.page) (this.choices.querySelector("button") ?? this.field).focus({ preventScroll: true });
    this.toEnd();
  }

  private async start(): Promise<void> {
    if (this.setup.page && !this.memory.token) {
      // Whoever comes by a link of one use has pressed "only on a screen that is yours".
      const reply = await this.talk.server.takeOver();
      if (reply.body?.chat) {
        this.memory.token = reply.body.chat.token;
        this.memory.keep();
      }
    }
    if (this.memory.token || this.setup.shared !== null) this.begin();
    else this.askWhoseComputer();
  }

  private close(): void {
    this.window.hidden = true;
    if (this.launcher) {
      this.launcher.hidden = false;
      this.launcher.focus();
    }
  }

  private escape(event: Event): void {
    if ((event as KeyboardEvent).key === "Escape" && !this.setup.page) this.close();
  }

  private askWhoseComputer(): void {
    const { words } = this;
    this.compose.hidden = true;
    const pick = (shared: boolean): void => {
      if (shared) this.memory.forget();
      this.memory.shared = shared;
      this.begin();
      this.field.focus({ preventScroll: true });
    };
    this.choices.replaceChildren(h("div", { class: "start", role: "group", "aria-labelledby": "whose" },
      h("p", { id: "whose" }, words.shared_ask ?? ""),
      h("p", { class: "about" }, words.shared_note ?? ""),
      button(words.shared_no ?? "", () => pick(false), { class: "main" }), button(words.shared_yes ?? "", () => pick(true))));
    this.toEnd();
  }

  private begin(): void {
    this.compose.hidden = this.answers.hidden = false;
    this.choices.replaceChildren();
    if (this.memory.shared) this.addNote(this.words.shared_on ?? "");
    this.stir();
    void this.talk.run();
  }

  private leaveQuickly(): void {
    this.talk.leave();
    this.remove();
    if (this.setup.page) document.body.replaceChildren();
    location.replace(this.setup.told.leave);
  }

  /** On a shared computer: nobody has touched the window for a while, so the next person must find nothing. */
  private stir(): void {
    clearTimeout(this.idle);
    if (!this.memory.shared || !this.running) return;
    this.idle = setTimeout(() => {
      this.talk.leave();
      this.over(this.words.locked ?? "");
    }, this.setup.idleMinutes * 60_000);
  }

  /* Writing. */

  private typed(): void {
    this.memory.draft = this.field.value;
    this.memory.keep();
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${this.field.scrollHeight + 4}px`;
  }

  private key(event: KeyboardEvent): void {
    // On a touch screen Enter makes a new line, as people are used to there.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !matchMedia("(hover: hover)").matches) return;
    event.preventDefault();
    this.send();
  }

  private send(): void {
    const text = this.field.value.trim();
    if (!text || this.compose.hidden) return;
    this.field.value = "";
    this.typed();
    this.talk.say(text);
  }

  private async showAnswers(opener: HTMLElement): Promise<void> {
    const panel = new AnswersPanel(this.words, (item, text) => {
      back();
      this.talk.change(item, text);
      this.field.focus({ preventScroll: true });
    }, () => { back(); opener.focus(); }, () => this.talk.server.visitLink(), () => goingOnByText(this.words, this.memory.shared,
      (phone) => this.talk.server.askPhone(phone), (said) => this.announcer.say(said)));
    const hidden = [this.body, this.compose, this.date].filter((part) => !part.hidden);
    const back = (): void => {
      panel.element.remove();
      for (const part of hidden) part.hidden = false;
      opener.hidden = false;
      this.toEnd();
    };
    for (const part of hidden) part.hidden = true;
    opener.hidden = true;
    this.window.append(panel.element);
    panel.focus();
    const reply = await this.talk.server.answers();
    this.announcer.say(panel.fill(reply.status === 200 && reply.body ? reply.body.answers : null, this.talk.server.token !== ""));
  }

  /* What the talk tells. */

  said(message: Message, news: boolean): void {
    this.transcript.push(message);
    this.show(message);
    if (!news || message.from === "you") return;
    const listed = message.choices.map((choice) => choice.label).join(", ");
    this.announcer.say(`${this.speaker(message)}: ${message.text}`);
    if (listed) this.announcer.say(fill(this.words.choices_announced ?? "", { list: listed }));
  }

  private show(message: Message): void {
    // What is not sent yet stands below all that was said.
    this.bubble(message.from, this.speaker(message), message.text, this.log.querySelector(".pending"));
    this.choices.replaceChildren();
    this.date.hidden = true;
    if (message.from === "you") return;
    const { progress, expects, choices } = message;
    if (expects) this.showProgress(progress);
    if (choices.length && !this.memory.unsent.length) this.offer(choices);
    this.date.hidden = expects?.kind !== "birth_date" || choices.length > 0;
  }

  private showProgress(progress: Message["progress"]): void {
    const words = progress && progress.minutes > 1 ? this.words.progress : this.words.progress_last_minute;
    this.progress.textContent = progress ? fill(words ?? "", { ...progress }) : "";
  }

  private offer(list: Choice[]): void {
    const group = h("div", { class: "choices", role: "group", "aria-label": this.words.choices_label ?? "" });
    for (const choice of list) {
      group.append(button(choice.label, () => { this.talk.say(choice.text); this.field.focus({ preventScroll: true }); }));
    }
    this.choices.replaceChildren(group);
  }

  shown(): void {
    this.toEnd();
  }

  unsent(unsent: Unsent): void {
    this.showUnsent(unsent);
    this.choices.replaceChildren();
    this.date.hidden = true;
    this.toEnd();
  }

  private showUnsent(unsent: Unsent): void {
    const made = this.bubble("you", this.words.speaker_you ?? "", unsent.text, null);
    made.classList.add("pending");
    made.dataset.id = unsent.id;
    made.append(h("p", { class: "delivery" }, this.words.sending ?? ""));
  }

  stillNotSent(unsent: Unsent): void {
    const delivery = this.bubbleOf(unsent)?.querySelector(".delivery");
    const words = this.words.not_sent ?? "";
    if (delivery && delivery.textContent !== words) {
      delivery.textContent = words;
      this.announcer.say(words);
    }
  }

  arrived(unsent: Unsent, seq: number): void {
    const made = this.bubbleOf(unsent);
    if (seq < 0 || !made) {
      made?.remove();
      return;
    }
    made.classList.remove("pending");
    made.querySelector(".delivery")?.remove();
    delete made.dataset.id;
    this.transcript.push({ seq, from: "you", text: unsent.text, choices: [], expects: null, at: "", progress: null });
    this.transcript.sort((one, other) => one.seq - other.seq);
  }

  givenBack(unsent: Unsent, why: Notice): void {
    this.bubbleOf(unsent)?.remove();
    if (!unsent.item) this.giveBackWords(unsent.text);
    this.noticed(why);
  }

  private giveBackWords(text: string): void {
    this.field.value = [text, this.field.value].filter(Boolean).join("\n");
    this.typed();
  }

  noticed(kind: Notice): void {
    const words = kind ? this.words[kind] ?? "" : "";
    if (this.notice.dataset.kind !== kind) this.announcer.say(TROUBLE.has(kind) ? words : "");
    this.notice.textContent = words;
    this.notice.dataset.kind = kind;
    this.notice.classList.toggle("trouble", TROUBLE.has(kind));
  }

  ended(words: string): void {
    if (words) this.giveBackWords(words);
    this.over(this.words.ended ?? "");
  }

  /** The chat is closed on this computer: nothing of it stays to be read, and a new one can be begun. */
  private over(why: string): void {
    clearTimeout(this.idle);
    if (this.memory.shared) {
      this.transcript = [];
      this.field.value = "";
    }
    this.draw();
    this.compose.hidden = this.answers.hidden = true;
    this.progress.textContent = "";
    this.choices.replaceChildren();
    this.notice.replaceChildren(why);
    this.notice.classList.add("trouble");
    this.announcer.say(why);
    this.choices.append(h("div", { class: "choices" }, button(this.words.new_chat ?? "", () => {
      this.transcript = [];
      this.draw();
      if (this.setup.shared === null) this.askWhoseComputer();
      else this.begin();
    }, { class: "main" })));
    this.toEnd();
  }

  /** Who speaks, in words: a person of the team by first name. */
  private speaker({ from, name }: Message): string {
    return name ? fill(this.words.speaker_staff_named ?? "", { name }) : this.words[`speaker_${from}`] ?? "";
  }

  private bubble(from: Message["from"], speaker: string, text: string, before: Element | null): HTMLElement {
    const made = h("div", { class: `message from-${from}` },
      h("p", { class: "speaker" }, speaker), h("p", { class: "bubble" }, text));
    this.log.insertBefore(made, before);
    if (made.previousElementSibling?.querySelector(".speaker")?.textContent === speaker) made.classList.add("same");
    return made;
  }

  private addNote(text: string): void {
    this.body.querySelector(".about")?.append(" ", text);
  }

  private bubbleOf(unsent: Unsent): HTMLElement | null {
    return this.log.querySelector<HTMLElement>(`[data-id="${unsent.id}"]`);
  }

  /** Shows what was said last; before a chat, the question asked first. */
  private toEnd(): void {
    for (const part of [this.body, this.window]) part.scrollTop = part.scrollHeight;
    this.choices.querySelector(".start")?.scrollIntoView();
  }
}

customElements.define("growline-chat", ChatWindow);
