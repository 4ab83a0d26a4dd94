// Text with entities as DOM nodes. Offsets are UTF-16 units, which is what JavaScript strings count in.

import { el } from "./dom.js";

const SAFE = /^(https?|tg|mailto|tel|ton):/i;
const BLOCKS = new Set(["BLOCKQUOTE", "PRE"]);
const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code" };

export function rich(text, entities, open) {
  const root = document.createDocumentFragment();
  fill(root, text, 0, text.length, [...(entities || [])], open);
  return root;
}

function fill(parent, text, from, to, entities, open) {
  let at = from;
  while (entities.length && entities[0].offset < to) {
    const entity = entities.shift();
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) continue;
    if (start > at) parent.append(text.slice(at, start));
    const node = wrap(entity, text.slice(start, end), open);
    const inner = node.querySelector("[data-inner]") || node;
    const nested = [];
    while (entities.length && entities[0].offset < end) nested.push(entities.shift());
    fill(inner, text, start, end, nested, open);
    parent.append(node);
    // A block ends its line already; the line break after it would show as an empty line.
    at = BLOCKS.has(node.tagName) && text[end] === "\n" ? end + 1 : end;
  }
  if (at < to) parent.append(text.slice(at, to));
}

function wrap(entity, content, open) {
  if (TAGS[entity.type]) return el(TAGS[entity.type]);
  switch (entity.type) {
    case "pre":
      return el("pre", { data: entity.language ? { language: entity.language } : {} }, el("code", { data: { inner: "" } }));
    case "spoiler":
      return el("span", { class: "spoiler", title: "Show", onclick: (event) => event.currentTarget.classList.add("shown") });
    case "blockquote":
      return el("blockquote");
    case "expandable_blockquote":
      return expandable();
    case "text_link":
      return link(entity.url, open);
    case "url":
      return link(SAFE.test(content) ? content : `https://${content}`, open);
    case "email":
      return link(`mailto:${content}`, open);
    case "bot_command":
      return el("button", { class: "textlink", onclick: () => open.command(content) });
    case "mention":
    case "hashtag":
    case "text_mention":
      return el("span", { class: "textlink" });
    default:
      return el("span");
  }
}

function expandable() {
  const quote = el("blockquote", { class: "expandable" }, el("div", { class: "quote", data: { inner: "" } }));
  quote.addEventListener("click", () => quote.classList.toggle("expanded"));
  return quote;
}

function link(url, open) {
  const safe = SAFE.test(url);
  return el("a", {
    href: safe ? url : undefined,
    target: "_blank",
    rel: "noopener noreferrer",
    title: url,
    onclick: (event) => {
      if (open.url(url)) event.preventDefault();
    },
  });
}
