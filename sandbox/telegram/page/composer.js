// What is below the messages: START, the input with Menu and attach, the command list, a reply keyboard.

import { upload } from "./api.js";
import { el } from "./dom.js";

export function composer(phone) {
  const input = el("textarea", { class: "input", testid: "message-input", "aria-label": "Message", placeholder: "Message", rows: "1", maxlength: "4096" });
  const send = el("button", { class: "send", testid: "send", "aria-label": "Send", type: "button", disabled: true, text: "➤" });
  const menu = el("button", { class: "menu", testid: "menu", "aria-label": "Menu", type: "button" }, el("span", { class: "lines", "aria-hidden": "true" }), el("span", { text: "Menu" }));
  const attach = el("button", { class: "attach", testid: "attach", "aria-label": "Attach", type: "button" });
  const photo = el("input", { type: "file", accept: "image/*", hidden: true, testid: "photo-input", "aria-label": "Photo" });
  const file = el("input", { type: "file", hidden: true, testid: "file-input", "aria-label": "File" });
  const kinds = el("div", { class: "popover", hidden: true, testid: "attach-kinds" },
    el("button", { type: "button", testid: "attach-photo", text: "🖼  Photo", onclick: () => photo.click() }),
    el("button", { type: "button", testid: "attach-file", text: "📄  File", onclick: () => file.click() }));
  const commands = el("div", { class: "commands", testid: "menu-list", role: "listbox", "aria-label": "Commands", hidden: true });
  const line = el("div", { class: "line" }, menu, attach, input, send, photo, file, kinds);
  const start = el("button", { class: "start", testid: "start", type: "button", onclick: () => phone.start() });
  const keyboard = el("div", { class: "reply-keys", testid: "reply-keyboard", hidden: true });
  const node = el("footer", { class: "composer" }, commands, start, line, keyboard);

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
    send.disabled = !input.value.trim();
  }

  function listCommands(prefix) {
    const found = phone.commands.filter((entry) => entry.command.startsWith(prefix));
    commands.hidden = !found.length;
    commands.replaceChildren(...found.map((entry) => el("button", {
      type: "button", role: "option", testid: `command-${entry.command}`,
      onclick: () => { close(); input.value = ""; grow(); phone.send(`/${entry.command}`); },
    }, el("b", { text: `/${entry.command}` }), el("span", { text: entry.description }))));
  }

  function close() {
    commands.hidden = kinds.hidden = true;
    menu.classList.remove("open");
  }

  async function submit() {
    const text = input.value;
    if (!text.trim()) return;
    input.value = "";
    grow();
    close();
    await phone.send(text);
    input.focus();
  }

  async function take(chosen, asPhoto) {
    close();
    const caption = input.value;
    input.value = "";
    grow();
    await phone.attempt(() => upload(phone.person.id, chosen, asPhoto, caption));
  }

  input.addEventListener("input", () => {
    grow();
    const typed = /^\/([a-z0-9_]*)$/.exec(input.value);
    if (typed) listCommands(typed[1]);
    else close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
    if (event.key === "Escape") close();
  });
  input.addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData.files][0];
    if (pasted) { event.preventDefault(); take(pasted, pasted.type.startsWith("image/")); }
  });
  send.addEventListener("click", submit);
  menu.addEventListener("click", () => {
    const opening = commands.hidden;
    close();
    if (!opening) return;
    listCommands("");
    menu.classList.toggle("open", !commands.hidden);
    if (commands.hidden) phone.toast("The bot has set no commands yet");
  });
  attach.addEventListener("click", () => { const opening = kinds.hidden; close(); kinds.hidden = !opening; });
  photo.addEventListener("change", () => { if (photo.files[0]) take(photo.files[0], true); photo.value = ""; });
  file.addEventListener("change", () => { if (file.files[0]) take(file.files[0], false); file.value = ""; });

  function refresh() {
    const offering = phone.blocked || !phone.started || phone.startPayload !== null;
    start.hidden = !offering;
    line.hidden = offering;
    start.textContent = phone.blocked ? "RESTART" : "START";
    const rows = phone.keyboard?.keyboard;
    keyboard.hidden = !rows || offering;
    keyboard.replaceChildren(...(rows || []).map((row) => el("div", { class: "row" }, ...row.map((entry) => {
      const label = typeof entry === "string" ? entry : entry.text;
      return el("button", { type: "button", class: `key ${entry.style || ""}`, text: label, onclick: () => phone.send(label) });
    }))));
    menu.hidden = phone.menuButton?.type === "default" && !phone.commands.length;
  }

  return { node, refresh, input };
}
