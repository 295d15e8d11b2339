// One hidden place, apart from the transcript, from which a screen reader reads each new thing once. It is emptied after a
// moment, so that nothing is read again when somebody wanders through the window.

import { h } from "./dom";

const GATHERED = 150;
const READ_BY_THEN = 4000;

export class Announcer {
  readonly element = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  private gathered: string[] = [];
  private timer = 0;

  say(words: string): void {
    if (!words) return;
    this.gathered.push(words);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.speak(), GATHERED);
  }

  private speak(): void {
    this.element.textContent = this.gathered.join("\n");
    this.gathered = [];
    this.timer = setTimeout(() => { this.element.textContent = ""; }, READ_BY_THEN);
  }
}
