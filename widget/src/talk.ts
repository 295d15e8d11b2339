// One conversation with the server, whatever happens to the network: what the family writes is repeated under the same id until
// the server has it, and what was said is asked for by "everything after N". It knows nothing of the screen.

import { Memory, type Unsent } from "./memory";
import { Server, type Message } from "./server";

export type Notice = "" | "connecting" | "cannot_connect" | "offline" | "waiting" | "too_many_chats" | "too_large" | "refused";

export interface Ears {
  said(message: Message, news: boolean): void;
  unsent(unsent: Unsent): void;
  stillNotSent(unsent: Unsent): void;
  arrived(unsent: Unsent, seq: number): void;
  givenBack(unsent: Unsent, why: Notice): void;
  noticed(notice: Notice): void;
  /** The chat is closed; `words` were never sent. */
  ended(words: string): void;
  /** Many messages at once have all been shown. */
  shown(): void;
}

const WAIT_SECONDS = 25;
const LONGEST_PAUSE = 15_000;
const STREAM_TRIES = 2;

export class Talk {
  private after = 0;
  private seen = new Set<number>();
  private sending = false;
  private fresh = false; // begun just now: its greeting is news too
  private onItsWay: Promise<unknown> = Promise.resolve();
  private hearing: Promise<void> = Promise.resolve();
  private stop = new AbortController();

  constructor(readonly server: Server, readonly memory: Memory, private readonly ears: Ears) {}

  /** Goes on with the chat that this browser remembers, or begins one. Resolves when the chat is over. */
  async run(): Promise<void> {
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.after = 0;
    this.seen.clear();
    this.sending = false;
    this.server.token = this.memory.token;
    this.fresh = !this.server.token;
    for (const unsent of this.memory.unsent) this.ears.unsent(unsent);
    if (!this.server.token && !(await this.begin(signal))) return;
    void this.sendAll();
    await this.follow(signal);
  }

  say(text: string): void {
    this.post({ id: newId(), text });
  }

  /** Asks to change the answer `item`; `text` is shown until the server has it. */
  change(item: string, text: string): void {
    this.post({ id: newId(), text, item });
  }

  /** Ends the chat here and at the server; nothing of it stays in this browser. */
  leave(): void {
    this.stop.abort();
    this.memory.forget();
    this.server.end();
  }

  private post(unsent: Unsent): void {
    this.memory.unsent.push(unsent);
    this.memory.keep();
    this.ears.unsent(unsent);
    void this.sendAll();
  }

  private async begin(stop: AbortSignal): Promise<boolean> {
    this.ears.noticed("connecting");
    for (let tries = 0; !stop.aborted; tries += 1) {
      const reply = await this.server.begin(this.memory.shared);
      if (stop.aborted) return false;
      if (reply.status === 201 && reply.body) {
        this.server.token = this.memory.token = reply.body.token;
        this.memory.keep();
        this.ears.noticed("");
        return true;
      }
      this.ears.noticed(reply.status === 429 ? "too_many_chats" : navigator.onLine ? "cannot_connect" : "offline");
      await pause(reply.wait || backoff(tries), stop);
    }
    return false;
  }

  /** Polling first; a stream on top of it where one is to be had. */
  private async follow(stop: AbortSignal): Promise<void> {
    let failedStreams = 0;
    for (let tries = 0; !stop.aborted; ) {
      // The first reading does not wait, so that a chat gone on with is there at once.
      const wait = this.seen.size ? WAIT_SECONDS : tries ? 0 : 1;
      const streams = this.seen.size > 0 && !tries && failedStreams < STREAM_TRIES;
      if (streams) {
        const began = this.after;
        const worked = await this.server.stream(this.after, (message) => this.hear([message], stop), stop);
        failedStreams = worked || this.after > began ? 0 : failedStreams + 1;
        if (worked) continue;
      }
      const reply = await this.server.messages(this.after, streams ? 0 : wait, stop);
      if (stop.aborted) return;
      if (reply.status === 404) return this.end();
      if (!reply.body) {
        if (!navigator.onLine) this.ears.noticed("offline");
        tries += 1;
        await pause(reply.wait || backoff(tries), stop);
        continue;
      }
      if (tries) this.ears.noticed("");
      tries = 0;
      await this.hear(reply.body.messages, stop);
    }
  }

  /** One after the other: while one waits for its own acknowledgement, a later one must not overtake it. */
  private hear(messages: Message[], stop: AbortSignal): Promise<void> {
    this.hearing = this.hearing.then(() => this.take(messages, stop));
    return this.hearing;
  }

  private async take(messages: Message[], stop: AbortSignal): Promise<void> {
    // A message on its way may be among these; once its own answer is here, the two are known to be one.
    if (messages.some((message) => message.from === "you")) await this.onItsWay;
    if (stop.aborted) return;
    const news = this.fresh || this.seen.size > 0;
    for (const message of messages) {
      this.after = Math.max(this.after, message.seq);
      if (this.seen.has(message.seq)) {
        if (message.from !== "you") continue;
      } else {
        this.seen.add(message.seq);
        this.ears.said(message, news);
      }
      if (message.from !== "you") this.ears.noticed("");
    }
    if (messages.length) this.ears.shown();
  }

  private async sendAll(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    const { signal } = this.stop;
    for (let tries = 0; this.memory.unsent.length && this.server.token && !signal.aborted; ) {
      const sent = this.sendOne(this.memory.unsent[0] as Unsent, tries);
      this.onItsWay = sent;
      const wait = await sent;
      tries = wait ? tries + 1 : 0;
      if (wait) await pause(wait, signal);
    }
    this.sending = false;
  }

  /** Sends once; gives back the milliseconds to wait before it is tried again, or 0 when it is settled. */
  private async sendOne(unsent: Unsent, tries: number): Promise<number> {
    const { item, id, text } = unsent;
    const reply = item ? await this.server.change(id, item) : await this.server.say(id, text);
    if (reply.status === 202 && reply.body) {
      this.settle(unsent);
      const known = this.seen.has(reply.body.seq);
      this.seen.add(reply.body.seq);
      this.ears.arrived(unsent, known ? -1 : reply.body.seq);
      if (this.after <= reply.body.seq) this.ears.noticed("waiting");
    } else if (reply.status === 404) {
      this.end();
    } else if ([400, 403, 409, 413, 422].includes(reply.status)) {
      this.settle(unsent);
      this.ears.givenBack(unsent, reply.status === 413 ? "too_large" : "refused");
    } else {
      this.ears.stillNotSent(unsent);
      if (!navigator.onLine) this.ears.noticed("offline");
      return reply.wait || backoff(tries);
    }
    return 0;
  }

  private settle(unsent: Unsent): void {
    this.memory.unsent = this.memory.unsent.filter((one) => one.id !== unsent.id);
    this.memory.keep();
  }

  private end(): void {
    if (this.stop.signal.aborted) return;
    this.stop.abort();
    const words = this.memory.unsent.filter((one) => !one.item).map((one) => one.text).join("\n");
    this.server.token = "";
    this.memory.forget();
    this.ears.ended(words);
  }
}

const backoff = (tries: number): number => Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(tries, 4)) * (0.75 + Math.random() / 2);

/** Waits, but no longer than until the network is back. */
function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    stop.addEventListener("abort", done, { once: true });
  });
}

/** 128 bits by lot; `crypto.randomUUID` is missing on pages without TLS. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
