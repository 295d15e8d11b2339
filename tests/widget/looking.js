// What the tests see of the chat window from inside the page. Every function is given a selector of parts in the window.
globalThis.looking = {
  root: () => document.querySelector("growline-chat").shadowRoot,
  parts: (of) => [...looking.root().querySelectorAll(of)].filter((part) => part.checkVisibility()),
  name: (part) => part.id || part.getAttribute("aria-label") || part.textContent,

  // Whether something lies over a part, or the screen ends before it: at its middle, or near one of its corners.
  covered(part) {
    const box = part.getBoundingClientRect();
    return [[0.5, 0.5], [0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]].some(([x, y]) => {
      const [left, top] = [box.x + x * box.width, box.y + y * box.height];
      const found = looking.root().elementFromPoint(left, top);
      return !found || !part.contains(found);
    });
  },
  hidden: (of) => looking.parts(of).filter(looking.covered).map(looking.name),
  unreachable: (of) => looking.parts(of).filter((part) => {
    part.scrollIntoView({ block: "nearest" });
    return looking.covered(part);
  }).map(looking.name),

  // Text that may be longer than the screen: its first and its last line must come into sight.
  unreadable: (of) => looking.parts(of).filter((part) => ["start", "end"].some((block) => {
    part.scrollIntoView({ block });
    const { x, y, width, bottom } = part.getBoundingClientRect();
    const found = looking.root().elementFromPoint(x + width / 2, block === "start" ? y + 16 : bottom - 16);
    return !found || !part.contains(found);
  })).map(looking.name),

  // What is larger than its place, so that it is cut off or the family must scroll sideways.
  tooLarge() {
    const parts = looking.parts("section, section *").filter((part) => !part.matches(".unseen, .speaker"));
    const wide = parts.filter((part) => getComputedStyle(part).display !== "inline" && (part.scrollWidth > part.clientWidth + 1
      || (part.matches("button, .link, textarea, input") && part.scrollHeight > part.clientHeight + 1)));
    const page = document.documentElement;
    return [...wide, ...(page.scrollWidth > innerWidth ? [page] : [])].map((part) => `${part.tagName}.${part.className}`);
  },

  styles: (of, names) => looking.parts(of).map((part) => {
    const all = getComputedStyle(part);
    return names.map((name) => all.getPropertyValue(name));
  }),
  // Places as if the window were not scrolled.
  places(of) {
    looking.root().querySelector(".window").scrollTop = 0;
    return looking.parts(of).map((part) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      return { name: looking.name(part), kind: part.className || part.localName, x, y, width, height };
    });
  },
  focused() {
    const part = looking.root().activeElement;
    if (!part) return null;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(part);
    return {
      name: looking.name(part), kind: part.className || part.localName, covered: looking.covered(part),
      outline: outlineStyle, width: parseFloat(outlineWidth), color: outlineColor,
    };
  },

  addStyle(text) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    looking.root().adoptedStyleSheets.push(sheet);
  },
  // The colour that forced colours give to paper.
  paper() {
    const probe = document.body.appendChild(document.createElement("p"));
    probe.style.color = "Canvas";
    const color = getComputedStyle(probe).color;
    probe.remove();
    return color;
  },

  motions: 0,
  countMotions() {
    for (const kind of ["animationstart", "transitionrun"]) looking.root().addEventListener(kind, () => { looking.motions += 1; });
  },
  // Every property that an animation of the window changes.
  moved() {
    const of = (rules) => [...rules].flatMap((rule) =>
      rule instanceof CSSKeyframeRule ? [...rule.style] : rule.cssRules ? of(rule.cssRules) : []);
    return of(looking.root().adoptedStyleSheets[0].cssRules);
  },

  // What a screen reader is told, each time that it is told something.
  told: [],
  listen() {
    const region = looking.parts("[role=status]")[0];
    const heard = () => { if (region.textContent) looking.told.push(region.textContent); };
    new MutationObserver(heard).observe(region, { childList: true, characterData: true, subtree: true });
  },
};
