// A short tone for a new urgent or emergency case, for who has switched it on. Made here, without a file; off until then.
(() => {
  "use strict";
  const KEPT_AS = "growline-sound", TONES = [[660, 0], [880, 0.18]], LASTS = 0.16, LOUD = 0.12;
  const button = document.getElementById("sound"), said = document.getElementById("sound-waits");
  if (!button || !window.AudioContext) return;
  let audio = null, on = isKept();

  // Storage may be closed to a page; then the choice lasts as long as the page.
  function isKept() {
    try { return localStorage.getItem(KEPT_AS) === "on"; } catch { return false; }
  }

  function keep() {
    try { localStorage.setItem(KEPT_AS, on ? "on" : "off"); } catch { /* see above */ }
  }

  function show() {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(on));
    // A browser plays nothing on a page that was not touched yet, whatever was chosen before.
    said.textContent = on && audio?.state !== "running" ? said.dataset.waits : "";
  }

  async function wake() {
    if (!on) return;
    audio ??= new AudioContext();
    if (audio.state !== "running") await audio.resume().catch(() => {});
    show();
  }

  function play() {
    if (!on || audio?.state !== "running") return;
    for (const [pitch, after] of TONES) {
      const tone = audio.createOscillator(), loudness = audio.createGain(), begins = audio.currentTime + after;
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0, begins);
      loudness.gain.linearRampToValueAtTime(LOUD, begins + 0.02);
      loudness.gain.linearRampToValueAtTime(0, begins + LASTS);
      tone.connect(loudness).connect(audio.destination);
      tone.start(begins);
      tone.stop(begins + LASTS);
    }
  }

  button.addEventListener("click", async () => {
    on = !on;
    keep();
    await wake();
    show();
    play(); // heard once, so that a person knows what to listen for
  });
  document.addEventListener("new-grave-case", play);
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, wake);
  show();
})();
