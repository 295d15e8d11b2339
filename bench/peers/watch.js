// Runs in the measured page before anything else: taps the chat's button as soon as it is there, and notes when the greeting is seen.
// A path is a list of selectors, each searched inside the shadow of the one before.
({ launcher, greeting }) => {
  const seen = (window.benchSeen = { greeted: 0, longTasks: 0, blocked: 0 });
  const find = (path) => path.reduce((at, selector) => at && (at.shadowRoot ?? at).querySelector(selector), document);
  const isSeen = (element) => {
    if (!element?.textContent.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const { top, bottom, width } = element.getBoundingClientRect();
    return width > 0 && bottom > top && top < innerHeight && bottom > 0;
  };
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) {
      seen.longTasks += 1;
      seen.blocked += task.duration - 50; // what is over 50 ms is what a finger waits for
    }
  }).observe({ type: "longtask", buffered: true });
  let tapped = launcher.length === 0;
  const look = () => {
    const button = tapped ? null : find(launcher);
    if (button?.checkVisibility()) {
      tapped = true;
      button.click();
    }
    // In the next frame: then the one that showed it has been painted.
    if (isSeen(find(greeting))) requestAnimationFrame(() => { seen.greeted = performance.now(); });
    else requestAnimationFrame(look);
  };
  if (greeting.length) requestAnimationFrame(look);
}
