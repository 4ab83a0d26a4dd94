// One message as a bubble with its keyboard.

import { clock, el, size } from "./dom.js";
import { rich } from "./entities.js";

export function bubble(entry, view) {
  const { message, out } = entry;
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities;
  const box = el("div", { class: "bubble" });
  if (message.photo) box.classList.add("has-photo");
  if (message.forward_origin) box.append(el("div", { class: "origin", text: `Forwarded from ${originName(message.forward_origin)}` }));
  if (message.via_bot) box.append(el("div", { class: "origin", text: `via @${message.via_bot.username}` }));
  if (message.reply_to_message) box.append(quoted(message.reply_to_message));
  const media = message.photo ? photo(message, view) : message.document ? documentRow(message.document) : null;
  if (media && !message.show_caption_above_media) box.append(media);
  const bare = message.photo && !text;
  const meta = el("span", { class: bare ? "meta over" : "meta" },
    message.edit_date ? el("span", { text: "edited " }) : null,
    clock(message.date),
    out ? el("span", { class: "ticks", "aria-label": "Delivered", text: "✓✓" }) : null);
  // The time sits in the last line of the text when it fits there.
  if (text) box.append(el("div", { class: "text" }, el("span", { class: "content", testid: "message-text", dir: "auto" }, rich(text, entities, view.open)), meta));
  if (media && message.show_caption_above_media) box.append(media);
  if (!text) box.append(meta);
  const node = el("article", {
    class: `message ${out ? "out" : "in"}`,
    testid: "message",
    "aria-label": out ? "Own message" : "Bot message",
    data: { messageId: String(message.message_id), out: String(Boolean(out)) },
  }, box);
  const rows = message.reply_markup?.inline_keyboard;
  if (rows) {
    node.classList.add("with-keys");
    node.append(el("div", { class: "keys" }, ...rows.map((row) => el("div", { class: "row" }, ...row.map((button) => key(button, message, view))))));
  }
  const reaction = view.reactions.get(message.message_id);
  if (reaction?.length) box.append(el("span", { class: "reaction", text: reaction.join(" ") }));
  return node;
}

function originName(origin) {
  return origin.sender_user_name ?? origin.sender_user?.first_name ?? origin.chat?.title ?? "somebody";
}

function quoted(message) {
  const text = message.text ?? message.caption ?? (message.photo ? "Photo" : "File");
  return el("div", { class: "replied" }, el("div", { text }));
}

function photo(message, view) {
  const shown = message.photo[message.photo.length - 1];
  const image = el("img", {
    class: "photo",
    src: `/sandbox/file/${encodeURIComponent(shown.file_id)}`,
    alt: message.caption || "Photo",
    width: shown.width,
    height: shown.height,
    onclick: () => view.enlarge(image.src),
  });
  return image;
}

function documentRow(file) {
  return el("a", {
    class: "document",
    testid: "document",
    href: `/sandbox/file/${encodeURIComponent(file.file_id)}`,
    download: file.file_name || "file",
  },
  el("span", { class: "file-icon", "aria-hidden": "true", text: "↓" }),
  el("span", { class: "file-text" },
    el("span", { class: "file-name", text: file.file_name || "file" }),
    el("span", { class: "file-size", text: size(file.file_size || 0) })));
}

function key(button, message, view) {
  const waiting = button.callback_data !== undefined && view.waiting.has(`${message.message_id} ${button.callback_data}`);
  const corner = button.url ? "↗" : button.copy_text ? "copy" : button.web_app ? "app" : "";
  return el("button", {
    class: `key ${button.style || ""} ${waiting ? "waiting" : ""}`,
    testid: "inline-button",
    type: "button",
    "aria-label": button.text,
    "aria-busy": waiting ? "true" : undefined,
    disabled: Boolean(button.disabled),
    onclick: () => view.press(button, message),
  },
  el("span", { class: "label", dir: "auto", text: button.text }),
  corner ? el("span", { class: `corner ${corner === "copy" ? "copies" : ""}`, "aria-hidden": "true", text: corner === "copy" ? "" : corner }) : null,
  waiting ? el("span", { class: "spinner", "aria-hidden": "true" }) : null);
}
