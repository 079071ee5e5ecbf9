"use strict";
const box = document.getElementById("search");
const told = document.getElementById("found");
const items = Array.from(document.querySelectorAll("li.authority"));
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[^a-z0-9 ]/g, "");
function search() {
  const words = plain(box.value).split(" ").filter(Boolean);
  let shown = 0;
  for (const item of items) {
    const name = plain(item.dataset.name);
    item.hidden = !words.every((word) => name.includes(word));
    shown += item.hidden ? 0 : 1;
  }
  const all = items.length;
  told.textContent = shown === all ? `Authorities: ${all}` : `Authorities: ${shown} of ${all}`;
}
box.addEventListener("input", search);
search();
