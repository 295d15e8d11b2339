// The button that prints the page; it only shows where it works.
"use strict";
const place = document.querySelector(".print");
place.hidden = false;
document.getElementById("print").addEventListener("click", () => print());
