// "Your answers so far": what the family told, each with a button that asks the question again in the conversation.

import { button, fill, h } from "./dom";
import type { Answer } from "./server";
import type { Words } from "./told";

export class AnswersPanel {
  readonly element: HTMLElement;
  private readonly heading: HTMLElement;
  private readonly list = h("ul");
  private readonly wait: HTMLElement;

  constructor(
    private readonly words: Words, private readonly change: (item: string, text: string) => void, back: () => void,
    private readonly visitLink: () => Promise<string | null>, private readonly byText: () => HTMLElement,
  ) {
    this.heading = h("h2", { tabindex: "-1" }, words.answers ?? "");
    this.wait = h("p", {}, words.answers_wait ?? "");
    this.element = h("div", { class: "body answers" }, button(words.answers_back ?? "", back), this.heading, this.wait, this.list);
  }

  focus(): void {
    this.heading.focus();
  }

  /** Shows `answers`, or why there are none (null: they could not be had); gives back what a screen reader is told. */
  fill(answers: Answer[] | null, has_chat: boolean): string {
    const none = answers === null && has_chat ? this.words.answers_late : this.words.answers_none;
    this.wait.remove();
    if (!answers?.length) {
      this.element.append(h("p", {}, none ?? ""), ...(has_chat ? [this.byText()] : []));
      return none ?? "";
    }
    this.list.replaceChildren(...answers.map((answer) => this.row(answer)));
    this.element.append(h("div", { class: "choices" }, button(this.words.visit ?? "", () => void this.openVisit())), this.byText());
    return "";
  }

  /** The page opens in a tab of its own, which is opened first: a browser lets only a tap open one. */
  private async openVisit(): Promise<void> {
    const tab = open("about:blank", "_blank");
    const link = await this.visitLink();
    if (tab && link) tab.location.replace(link);
    else tab?.close();
    if (!link) this.element.append(h("p", { class: "trouble" }, this.words.visit_late ?? ""));
  }

  private row(answer: Answer): HTMLElement {
    const row = h("li", {}, h("div", {}, h("p", { class: "asked" }, answer.question), h("p", { class: "told" }, answer.told)));
    const label = fill(this.words.answers_change_this ?? "", { question: answer.question });
    row.append(button(this.words.answers_change ?? "", () => this.change(answer.item, label), { "aria-label": label }));
    return row;
  }
}
