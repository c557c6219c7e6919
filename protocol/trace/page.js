
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const tools = document.getElementById("tools");
  const query = document.getElementById("query");
  const found = document.getElementById("found");
  const articles = Array.from(document.querySelectorAll("article"));
  const folds = () => document.querySelectorAll("article details");

  // Every place of the word, in the text that a browser can mark.
  const ranges = (root, word) => {
    const list = [];
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode() && list.length < 5000) {
      const text = walk.currentNode.data.toLowerCase();
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = document.createRange();
        range.setStart(walk.currentNode, at);
        range.setEnd(walk.currentNode, Math.min(at + word.length, walk.currentNode.length));
        list.push(range);
      }
    }
    return list;
  };

  const search = () => {
    const word = query.value.trim().toLowerCase();
    let shown = 0;
    let marks = [];
    for (const article of articles) {
      const has = article.textContent.toLowerCase().includes(word);
      article.hidden = !has;
      shown += has;
      if (!has || word === "") continue;
      marks = marks.concat(ranges(article, word));
      for (const fold of article.querySelectorAll("details")) {
        if (fold.textContent.toLowerCase().includes(word)) fold.open = true;
      }
    }
    found.textContent = word === "" ? "" : shown + " of " + articles.length;
    if (window.Highlight && CSS.highlights) CSS.highlights.set("found", new Highlight(...marks));
  };

  const all = (open) => () => folds().forEach((fold) => { fold.open = open; });
  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  query.addEventListener("input", search);
  document.getElementById("unfold").addEventListener("click", all(true));
  document.getElementById("fold").addEventListener("click", all(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== query) {
      event.preventDefault();
      query.focus();
    } else if (event.key === "Escape" && document.activeElement === query) {
      query.value = "";
      search();
    }
  });
});
