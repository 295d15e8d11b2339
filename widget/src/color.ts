// The site's colour on our window: words on it stay readable, whatever colour a site picks.

const LEAST_CONTRAST = 4.5; // WCAG 2.2, 1.4.3

/** Sets the brand colour on `host` and the black or white that reads best on it; an unknown colour changes nothing. */
export function paint(host: HTMLElement, color: string): void {
  const rgb = /^#([0-9a-f]{6})$/i.exec(color.trim())?.[1];
  if (!rgb) return;
  const light = luminance(rgb);
  const onWhite = 1.05 / (light + 0.05);
  host.style.setProperty("--brand", `#${rgb}`);
  host.style.setProperty("--on-brand", onWhite >= LEAST_CONTRAST ? "#ffffff" : "#101414");
}

function luminance(rgb: string): number {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const part = parseInt(rgb.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
