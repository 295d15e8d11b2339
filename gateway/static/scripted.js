// Marks the page as scripted before it is drawn, so that the plain parts do not flash up; takes the mark away again when the
// chat window cannot be fetched, and then the plain form serves.
document.documentElement.classList.add("scripted");
addEventListener("error", (event) => {
  if (event.target instanceof HTMLScriptElement) document.documentElement.classList.remove("scripted");
}, true);
