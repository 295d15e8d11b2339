// The script a site embeds: <script src="https://…/widget.js" data-language="es" data-color="#1d5f6b" defer></script>.
// It carries the words and fetches the window under the name of its content; nothing else on the site is touched.

import type { Configurable, Language, Setup, Told } from "./told";

declare const __GROWLINE__: Told; // the gateway puts the words here

const tag = document.currentScript as HTMLScriptElement;
const told = __GROWLINE__;

function language(): Language {
  const wished = [tag.dataset.language, document.documentElement.lang, ...navigator.languages];
  const known = wished.map((one) => one?.slice(0, 2).toLowerCase()).find((one) => one === "en" || one === "es");
  return known === "es" ? "es" : "en";
}

function begin(): void {
  const { color, shared, idleMinutes, page } = tag.dataset;
  const setup: Setup = {
    base: new URL(tag.src).origin,
    told,
    language: language(),
    color: color ?? "",
    shared: shared === undefined ? null : shared !== "false",
    idleMinutes: Number(idleMinutes) || 10,
    page: page !== undefined,
  };
  const element = document.createElement("growline-chat") as Configurable;
  element.setUp(setup);
  (document.querySelector("[data-growline-here]") ?? document.body).append(element);
}

const script = document.createElement("script");
script.src = new URL(told.window, tag.src).href;
script.addEventListener("load", begin);
document.head.append(script);
