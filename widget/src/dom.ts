// Makes elements. Text is only ever set as text: nothing a family or a program says becomes HTML, and no link is made of it.

type Props = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/** An element with attributes (`true` sets an empty one, `false` none), listeners (functions) and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag, props: Props = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export function button(text: string, pressed: () => void, props: Props = {}): HTMLButtonElement {
  return h("button", { type: "button", click: pressed, ...props }, text);
}

/** `words` with {names} filled in. */
export function fill(words: string, places: Readonly<Record<string, string | number>>): string {
  return words.replace(/\{(\w+)\}/g, (place, name: string) => String(places[name] ?? place));
}
