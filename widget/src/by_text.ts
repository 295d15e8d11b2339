// "Text me the rest": a family types a phone number; the chat goes on there once that phone has answered yes.

import { button, h } from "./dom";
import type { Words } from "./told";

/** A button that opens the form. `ask` gives back the status of the answer; `tell` is told what a screen reader should say. */
export function goingOnByText(
  words: Words, shared: boolean, ask: (phone: string) => Promise<number>, tell: (said: string) => void,
): HTMLElement {
  const field = h("input", {
    type: "tel", id: "phone", required: true, maxlength: "60", autocomplete: shared ? "off" : "tel", "aria-describedby": "told",
  });
  const told = h("p", { id: "told", class: "why", tabindex: "-1" }, words.by_text_about ?? "");
  const send = h("button", { class: "main", type: "submit" }, words.by_text_send ?? "");
  const form = h("form", { class: "by-text", hidden: true, submit: (event) => { event.preventDefault(); void sent(); } },
    h("label", { for: "phone" }, words.by_text_label ?? ""), field, told, send);
  const opener = button(words.by_text ?? "", () => { opener.hidden = true; form.hidden = false; field.focus(); });

  async function sent(): Promise<void> {
    send.disabled = true;
    const status = await ask(field.value);
    send.disabled = false;
    const purposes: Record<number, string> = { 202: "by_text_sent", 409: "goes_by_text", 422: "not_a_phone" };
    const said = words[purposes[status] ?? "by_text_late"] ?? "";
    told.textContent = said;
    told.className = status === 202 ? "done" : "trouble";
    tell(said);
    if (status === 202) {
      form.replaceChildren(told);
      told.focus();
    } else if (status === 422) field.focus();
  }
  return h("div", { class: "choices" }, opener, form);
}
