// What a browser keeps of a chat: its secret, what is not sent yet, and what is being written. On a shared computer nothing.
// Storage may be closed off or full; the chat then lives as long as the page.

export interface Unsent { id: string; text: string; item?: string }

const NAME = "growline-chat";

interface Kept { token: string; unsent: Unsent[]; draft: string }

export class Memory {
  token = "";
  unsent: Unsent[] = [];
  draft = "";
  shared = false;

  recall(): void {
    try {
      const kept = JSON.parse(localStorage.getItem(NAME) ?? "{}") as Partial<Kept>;
      this.token = typeof kept.token === "string" ? kept.token : "";
      this.unsent = Array.isArray(kept.unsent) ? kept.unsent : [];
      this.draft = typeof kept.draft === "string" ? kept.draft : "";
    } catch {
      this.forget();
    }
  }

  keep(): void {
    if (this.shared) return;
    const { token, unsent, draft } = this;
    try {
      if (token || unsent.length || draft) localStorage.setItem(NAME, JSON.stringify({ token, unsent, draft }));
      else localStorage.removeItem(NAME);
    } catch { /* it then lives as long as the page */ }
  }

  forget(): void {
    this.token = this.draft = "";
    this.unsent = [];
    try {
      localStorage.removeItem(NAME);
    } catch { /* nothing was kept */ }
  }
}
