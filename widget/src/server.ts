// Speaks with the gateway. The secret travels in a header and never in an address; no cookie is sent.

import type { Language } from "./told";

export interface Choice { label: string; text: string }
export interface Progress { number: number; total: number; minutes: number }

export interface Message {
  seq: number;
  from: "bot" | "staff" | "you" | "system";
  text: string;
  choices: Choice[];
  expects: { kind: string; id: string | null } | null;
  at: string;
  progress: Progress | null;
  name?: string | null;
}

export interface Answer { item: string; question: string; told: string }

/** An answer of the gateway: its status (0 when nothing came back), its body, and the milliseconds it asks to wait. */
export interface Reply<Body> { status: number; body: Body | null; wait: number }

const SEND_LATE = 15_000;
const HEARTBEAT_LATE = 40_000; // the gateway says "still here" every 15 s

export class Server {
  token = "";

  constructor(private readonly base: string, public language: Language) {}

  begin(shared: boolean): Promise<Reply<{ token: string; expires_at: string }>> {
    return this.ask("POST", "/chat/sessions", { body: { language: this.language, shared } });
  }

  say(id: string, text: string): Promise<Reply<{ seq: number }>> {
    return this.ask("POST", "/chat/messages", { body: { client_msg_id: id, text } });
  }

  change(id: string, item: string): Promise<Reply<{ seq: number }>> {
    return this.ask("POST", `/chat/answers/${encodeURIComponent(item)}`, { body: { client_msg_id: id } });
  }

  /** Takes over the chat of this address's cookie, when there is one: a link from a text message leads here. */
  takeOver(): Promise<Reply<{ chat: { token: string } | null }>> {
    return this.ask("POST", "/chat/sessions/mine", { own: true });
  }

  /** A link of one use to the page for the doctor's visit. */
  async visitLink(): Promise<string | null> {
    const reply = await this.ask<{ path: string }>("POST", "/chat/links", { body: { purpose: "visit" } });
    return reply.body && this.base + reply.body.path;
  }

  /** Asks a phone whether the chat goes on there; gives back the status of the answer. */
  async askPhone(phone: string): Promise<number> {
    return (await this.ask("POST", "/chat/phone", { body: { phone } })).status;
  }

  answers(): Promise<Reply<{ answers: Answer[] }>> {
    return this.ask("GET", "/chat/answers", {});
  }

  messages(after: number, wait: number, stop: AbortSignal): Promise<Reply<{ messages: Message[] }>> {
    return this.ask("GET", `/chat/messages?after=${after}&wait=${wait}`, { late: (wait + 10) * 1000, stop });
  }

  /** Closes the chat, also while the page is being left. */
  end(): void {
    if (!this.token) return;
    const options = { method: "DELETE", headers: this.headers(), keepalive: true, credentials: "omit" } as const;
    void fetch(`${this.base}/chat/sessions`, options).catch(() => undefined);
    this.token = "";
  }

  /** Hands each message to `heard` as it comes; ends when the stream does. False when there is no stream to be had. */
  async stream(after: number, heard: (message: Message) => void, stop: AbortSignal): Promise<boolean> {
    const late = new AbortController();
    let timer = setTimeout(() => late.abort(), HEARTBEAT_LATE);
    try {
      const signal = anyOf(stop, late.signal);
      const options = { headers: this.headers(), cache: "no-store", credentials: "omit", signal } as const;
      const response = await fetch(`${this.base}/chat/events?after=${after}`, options);
      if (!response.ok || !response.body) return false;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ""; ; ) {
        const { done, value } = await reader.read();
        if (done) return true;
        clearTimeout(timer);
        timer = setTimeout(() => late.abort(), HEARTBEAT_LATE);
        const events = (rest + value).split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) {
          const data = event.split("\n").find((line) => line.startsWith("data: "));
          if (data) heard(JSON.parse(data.slice(6)) as Message);
        }
      }
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
      late.abort();
    }
  }

  private headers(): Record<string, string> {
    const headers: Record<string, string> = { "Accept-Language": this.language };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    return headers;
  }

  private async ask<Body>(
    method: string, path: string,
    { body, late = SEND_LATE, stop, own = false }: { body?: unknown; late?: number; stop?: AbortSignal; own?: boolean },
  ): Promise<Reply<Body>> {
    const headers = this.headers();
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const limit = AbortSignal.timeout(late);
    try {
      const response = await fetch(this.base + path, {
        method, headers, cache: "no-store", credentials: own ? "same-origin" : "omit", body: body === undefined ? null : JSON.stringify(body),
        signal: stop ? anyOf(stop, limit) : limit,
      });
      const wait = (Number(response.headers.get("Retry-After")) || 0) * 1000;
      return { status: response.status, body: response.ok ? ((await response.json()) as Body) : null, wait };
    } catch {
      return { status: 0, body: null, wait: 0 };
    }
  }
}

/** Aborts when any of the signals does; older phones lack AbortSignal.any. */
function anyOf(...signals: AbortSignal[]): AbortSignal {
  const all = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) all.abort();
    else signal.addEventListener("abort", () => all.abort(), { once: true, signal: all.signal });
  }
  return all.signal;
}
