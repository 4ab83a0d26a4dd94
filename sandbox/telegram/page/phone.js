// One person's chat with the bot: a phone-like column.

import { get, post } from "./api.js";
import { bubble } from "./bubble.js";
import { composer } from "./composer.js";
import { day, el, initials, tint } from "./dom.js";

const ACTIONS = { typing: "typing", upload_photo: "sending photo", upload_document: "sending file" };

export class Phone {
  constructor(person, bot) {
    this.person = person;
    this.bot = bot;
    this.entries = new Map();
    this.waiting = new Set();
    this.queries = new Map();
    this.reactions = new Map();
    this.commands = [];
    this.started = this.blocked = false;
    this.startPayload = null;
    this.keyboard = null;
    this.pinned = null;
    this.open = { url: (url) => this.openLink(url), command: (text) => this.send(text) };
    this.build();
  }

  build() {
    this.status = el("div", { class: "status", testid: "status", text: "bot" });
    this.pin = el("button", { class: "pin", testid: "pinned", hidden: true, onclick: () => this.jump(this.pinned) });
    this.list = el("div", { class: "list", role: "log", "aria-label": "Messages" });
    this.scroller = el("div", { class: "scroller", onscroll: () => this.scrolled() }, this.list);
    this.down = el("button", { class: "down", "aria-label": "To the newest message", hidden: true, onclick: () => this.bottom(true), text: "⌄" });
    this.notes = el("div", { class: "notes" });
    this.composer = composer(this);
    const name = this.person.first_name;
    this.node = el("section", { class: "phone", testid: `chat-${this.person.id}`, "aria-label": `Chat of ${name}` },
      el("header", { class: "head" },
        el("span", { class: "avatar bot-avatar", text: initials(this.bot.first_name) }),
        el("div", { class: "who" }, el("div", { class: "name", text: this.bot.first_name }), this.status),
        el("span", { class: "as", title: `${name}, ${this.person.language_code}, id ${this.person.id}` },
          el("span", { class: `avatar small ${tint(this.person.id)}`, text: initials(name) }),
          el("span", { text: `${name} · ${this.person.language_code}` })),
        el("button", { class: "more", "aria-label": "More", testid: "more", text: "⋮", onclick: () => this.more() })),
      this.pin, el("div", { class: "stage" }, this.scroller, this.down, this.notes), this.composer.node);
  }

  async load() {
    const chat = await get(`person/${this.person.id}/chat`);
    this.entries = new Map(chat.messages.map((entry) => [entry.message.message_id, entry]));
    this.waiting = new Set(chat.waiting.map(([, number, data]) => `${number} ${data}`));
    this.queries = new Map(chat.waiting.map(([id, number, data]) => [id, `${number} ${data}`]));
    Object.assign(this, { started: chat.started, blocked: chat.blocked, commands: chat.commands, keyboard: chat.keyboard, pinned: chat.pinned, description: chat.description, menuButton: chat.menu_button });
    this.draw();
    this.act(chat.action);
  }

  // The bot changes commands at any time; the messages stay as they are.
  async loadMenu() {
    const chat = await get(`person/${this.person.id}/chat`);
    Object.assign(this, { commands: chat.commands, description: chat.description, menuButton: chat.menu_button });
    this.list.querySelector(".about")?.remove();
    this.empty();
    this.composer.refresh();
  }

  draw() {
    this.list.replaceChildren();
    for (const entry of this.entries.values()) this.append(entry);
    this.empty();
    this.composer.refresh();
    this.showPin();
    this.bottom(false);
  }

  empty() {
    const card = this.list.querySelector(".about");
    if (this.entries.size) return card?.remove();
    if (card) return undefined;
    this.list.append(el("div", { class: "about" },
      el("span", { class: "avatar large bot-avatar", text: initials(this.bot.first_name) }),
      el("b", { text: this.description ? "What can this bot do?" : this.bot.first_name }),
      el("p", { text: this.description || `Press START to talk to @${this.bot.username}.` })));
    return undefined;
  }

  append(entry) {
    const label = day(entry.message.date);
    if (this.list.dataset.day !== label || !this.list.childElementCount) {
      this.list.append(el("div", { class: "day", text: label }));
      this.list.dataset.day = label;
    }
    const node = bubble(entry, this);
    const before = this.list.lastElementChild;
    if (before?.dataset.out === node.dataset.out) before.classList.add("followed");
    this.list.append(node);
    return node;
  }

  find(number) {
    return this.list.querySelector(`[data-message-id="${number}"]`);
  }

  redraw(number, effect) {
    const entry = this.entries.get(number);
    const old = this.find(number);
    if (!entry || !old) return;
    const node = bubble(entry, this);
    if (old.classList.contains("followed")) node.classList.add("followed");
    if (effect) node.classList.add(effect);
    const low = this.low();
    old.replaceWith(node);
    if (low) this.bottom(false);
  }

  // --- live events ---

  receive(event) {
    switch (event.kind) {
      case "message": return this.onMessage(event);
      case "edit": return this.onEdit(event);
      case "delete": return this.onDelete(event.message_id);
      case "press": return this.onPress(event);
      case "answer": return this.onAnswer(event);
      case "action": return this.act(event.action);
      case "reaction": this.reactions.set(event.message_id, event.emoji); return this.redraw(event.message_id);
      case "pin": this.pinned = event.message_id; return this.showPin();
      case "keyboard": this.keyboard = event.keyboard; return this.composer.refresh();
      default: return undefined;
    }
  }

  onMessage(event) {
    const low = this.low() || event.out;
    this.entries.set(event.message.message_id, { message: event.message, out: event.out });
    if (event.out && !this.started) {
      this.started = true;
      this.composer.refresh();
    }
    this.empty();
    this.append(this.entries.get(event.message.message_id)).classList.add("arrives");
    if (!event.out) this.act(null);
    if (low) this.bottom(true);
  }

  onEdit(event) {
    const entry = this.entries.get(event.message.message_id);
    if (!entry) return;
    entry.message = event.message;
    this.redraw(event.message.message_id, "changed");
  }

  onDelete(number) {
    this.entries.delete(number);
    const node = this.find(number);
    if (!node) return;
    node.style.height = `${node.offsetHeight}px`;
    delete node.dataset.messageId;
    node.dataset.testid = "leaving";
    requestAnimationFrame(() => node.classList.add("leaves"));
    setTimeout(() => { node.remove(); this.empty(); }, 220);
  }

  onPress(event) {
    const key = `${event.message_id} ${event.data}`;
    this.queries.set(event.query_id, key);
    this.waiting.add(key);
    this.redraw(event.message_id);
  }

  onAnswer(event) {
    const key = this.queries.get(event.query_id);
    this.queries.delete(event.query_id);
    if (key && ![...this.queries.values()].includes(key)) {
      this.waiting.delete(key);
      this.redraw(Number(key.split(" ")[0]));
    }
    if (event.url) this.openLink(event.url);
    if (event.text) (event.show_alert ? this.alert(event.text) : this.toast(event.text));
  }

  act(action) {
    clearTimeout(this.acting);
    this.status.textContent = action ? `${ACTIONS[action] || "working"}…` : this.blocked ? "blocked" : "bot";
    this.status.classList.toggle("active", Boolean(action));
    this.status.dataset.testid = action ? "typing" : "status";
    if (action) this.acting = setTimeout(() => this.act(null), 5000);
  }

  showPin() {
    const entry = this.entries.get(this.pinned);
    this.pin.hidden = !entry;
    if (entry) this.pin.replaceChildren(el("b", { text: "Pinned message" }), el("span", { text: entry.message.text ?? entry.message.caption ?? "Photo" }));
  }

  // --- what the person does ---

  async attempt(work) {
    try {
      return await work();
    } catch (problem) {
      this.toast(problem.message);
      return undefined;
    }
  }

  send(text) {
    return this.attempt(() => post(`person/${this.person.id}/send`, { text }));
  }

  start() {
    const payload = this.startPayload;
    this.offerStart(null);
    return this.attempt(() => post(`person/${this.person.id}/start`, payload ? { payload } : {}));
  }

  offerStart(payload) {
    this.startPayload = payload;
    this.composer.refresh();
  }

  async press(button, message) {
    if (button.url) { if (!this.openLink(button.url)) window.open(button.url, "_blank", "noopener"); return; }
    if (button.web_app) { window.open(button.web_app.url, "_blank", "noopener"); return; }
    if (button.copy_text) {
      await navigator.clipboard?.writeText(button.copy_text.text).catch(() => undefined);
      this.toast("Copied to clipboard");
      return;
    }
    if (button.callback_data === undefined) { this.toast("Buttons of this kind do nothing here"); return; }
    const key = `${message.message_id} ${button.callback_data}`;
    this.waiting.add(key);
    this.redraw(message.message_id);
    await this.attempt(() => post(`person/${this.person.id}/press`, { data: button.callback_data, message_id: message.message_id }));
  }

  openLink(url) {
    const found = /^(?:https?:\/\/(?:t\.me|telegram\.me)\/|tg:\/\/resolve\?domain=)([A-Za-z0-9_]+)(?:[?&]start=([A-Za-z0-9_-]{1,64}))?/.exec(url);
    if (!found || found[1].toLowerCase() !== this.bot.username.toLowerCase()) return false;
    if (found[2]) this.offerStart(found[2]);
    return true;
  }

  async more() {
    const blocked = this.blocked;
    const close = () => sheet.remove();
    const sheet = el("div", { class: "cover", onclick: close }, el("div", { class: "sheet" },
      el("button", {
        testid: "block", text: blocked ? "Unblock the bot" : "Block the bot",
        onclick: () => this.attempt(async () => {
          await post(`person/${this.person.id}/${blocked ? "unblock" : "block"}`);
          this.blocked = !blocked;
          this.act(null);
          this.composer.refresh();
        }),
      })));
    this.node.append(sheet);
  }

  // --- showing ---

  toast(text) {
    const note = el("div", { class: "toast", role: "status", testid: "toast", text });
    this.notes.replaceChildren(note);
    setTimeout(() => note.remove(), 3500);
  }

  alert(text) {
    const close = () => cover.remove();
    const cover = el("div", { class: "cover", testid: "alert", role: "alertdialog", "aria-label": "Alert" },
      el("div", { class: "dialog" }, el("b", { text: this.bot.first_name }), el("p", { dir: "auto", text }),
        el("button", { testid: "alert-ok", text: "OK", onclick: close })));
    this.node.append(cover);
    cover.querySelector("button").focus();
  }

  enlarge(source) {
    this.node.append(el("div", { class: "cover dark", onclick: (event) => event.currentTarget.remove() }, el("img", { src: source, alt: "Photo" })));
  }

  jump(number) {
    const node = this.find(number);
    node?.scrollIntoView({ block: "center", behavior: "smooth" });
    node?.classList.add("changed");
  }

  low() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 90;
  }

  bottom(smooth) {
    requestAnimationFrame(() => this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "auto" }));
  }

  scrolled() {
    this.down.hidden = this.low();
  }
}
