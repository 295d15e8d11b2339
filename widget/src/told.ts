// What the loader is told by the gateway, and how a site sets the window up.

export type Language = "en" | "es";
export type Words = Readonly<Record<string, string>>;

export interface Told {
  /** The path of the window's script. */
  window: string;
  phone: string;
  /** Where the quick way out leads. */
  leave: string;
  words: Record<Language, Words>;
}

export interface Setup {
  /** The gateway's address, without a slash at the end. */
  base: string;
  told: Told;
  language: Language;
  color: string;
  /** True on a computer that others use, false on one's own; null asks. */
  shared: boolean | null;
  idleMinutes: number;
  /** Fills its place instead of opening from a button. */
  page: boolean;
}

export interface Configurable extends HTMLElement {
  setUp(setup: Setup): void;
}
