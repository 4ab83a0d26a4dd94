// The page: which persons are shown, live events to the right phone, panels.

import { get, listen, post } from "./api.js";
import { el, initials, tint } from "./dom.js";
import { addCall, faultsPanel, logPanel } from "./panels.js";
import { Phone } from "./phone.js";

const query = new URLSearchParams(location.search);
const phones = new Map();
// By person: the messages that came or changed while the chat was not to be seen.
const unread = new Map();
const find = (name) => document.querySelector(`[data-testid="${name}"]`);
const tabs = find("persons");
const stage = find("phones");
const drawer = find("drawer");
let bot = null;
let shown = [];

const room = () => Math.max(1, Math.min(3, Math.floor((innerWidth - (drawer.hidden || innerWidth < 900 ? 0 : 400)) / 360)));

function addPerson(person) {
  if (phones.has(person.id)) return;
  const phone = new Phone(person, bot);
  phones.set(person.id, phone);
  tabs.append(el("button", {
    class: "tab", testid: `person-tab-${person.id}`, "aria-label": person.first_name, data: { id: String(person.id) },
    onclick: () => { show(person.id); arrange(); },
  }, el("span", { class: `avatar small ${tint(person.id)}`, text: initials(person.first_name) }), el("span", { class: "tab-name", text: person.first_name }),
  el("span", { class: "unread", testid: `unread-${person.id}`, hidden: true })));
}

function count(id) {
  const number = unread.get(id)?.size ?? 0;
  const badge = tabs.querySelector(`[data-id="${id}"] .unread`);
  if (!badge) return;
  badge.hidden = number === 0;
  badge.textContent = String(number);
  badge.setAttribute("aria-label", `${number} unread`);
}

function noticed(event) {
  if (!["message", "edit"].includes(event.kind) || event.out || shown.slice(0, room()).includes(event.chat_id)) return;
  unread.set(event.chat_id, (unread.get(event.chat_id) ?? new Set()).add(event.message.message_id));
  count(event.chat_id);
}

// A restarted sandbox no longer knows the persons who were added by hand.
function forget(id) {
  phones.delete(id);
  shown = shown.filter((other) => other !== id);
  tabs.querySelector(`[data-id="${id}"]`)?.remove();
}

// A chosen person is always visible; on a wide screen the neighbours stay where they are.
function show(id) {
  if (shown.slice(0, room()).includes(id)) { shown = [id, ...shown.filter((other) => other !== id)]; return; }
  shown = [...shown.filter((other) => other !== id).slice(0, room() - 1), id, ...shown.filter((other) => other !== id).slice(room() - 1)];
}

function arrange() {
  const visible = shown.slice(0, room());
  const order = [...phones.keys()].filter((id) => visible.includes(id));
  const before = [...stage.children];
  const nodes = order.map((id) => phones.get(id).node);
  if (nodes.length !== before.length || nodes.some((node, index) => node !== before[index])) {
    stage.replaceChildren(...nodes);
    for (const id of order) phones.get(id).bottom(false);
  }
  for (const tab of tabs.children) {
    const on = visible.includes(Number(tab.dataset.id));
    tab.classList.toggle("on", on);
    if (on) { unread.delete(Number(tab.dataset.id)); count(Number(tab.dataset.id)); }
    tab.setAttribute("aria-pressed", String(on));
  }
}

async function refresh() {
  const state = await get("state");
  bot = state.bot;
  document.title = `${bot.first_name} · Sandbox Telegram`;
  for (const person of state.persons) addPerson(person);
  for (const id of phones.keys()) if (!state.persons.some((person) => person.id === id)) forget(id);
  const fresh = state.persons.map((person) => person.id).filter((id) => !shown.includes(id));
  shown.push(...fresh);
  await Promise.all([...phones.values()].map((phone) => phone.load()));
  openAsAsked();
  arrange();
  find("offline").hidden = true;
}

// /?person=1001&start=PAYLOAD opens that chat and offers START with the payload, as a t.me link does.
function openAsAsked() {
  const id = Number(query.get("person")) || (query.has("start") ? shown[0] : 0);
  const phone = phones.get(id);
  if (!phone) return;
  shown = [id, ...shown.filter((other) => other !== id)];
  const payload = query.get("start");
  if (payload) phone.offerStart(payload);
  query.delete("start");
  query.delete("person");
  history.replaceState(null, "", location.pathname);
}

function received(event) {
  if (event.kind === "call") addCall(event.call);
  else if (event.kind === "person") { addPerson(event.person); shown.push(event.person.id); phones.get(event.person.id).load().then(arrange); }
  else if (event.kind === "menu") for (const phone of phones.values()) phone.loadMenu();
  else if (phones.has(event.chat_id)) { phones.get(event.chat_id).receive(event); noticed(event); }
}

function personForm() {
  const name = el("input", { placeholder: "Name", "aria-label": "Name", testid: "person-name", maxlength: "64" });
  const language = el("select", { "aria-label": "Language", testid: "person-language" }, ...["kk", "ru", "en"].map((code) => el("option", { value: code, text: code })));
  const close = () => cover.remove();
  const cover = el("div", { class: "cover page-cover", onclick: (event) => event.target === cover && close() },
    el("form", {
      class: "dialog",
      onsubmit: async (event) => {
        event.preventDefault();
        if (!name.value.trim()) return;
        const person = await post("person", { name: name.value, language_code: language.value });
        close();
        addPerson(person);
        await phones.get(person.id).load();
        shown = [person.id, ...shown.filter((id) => id !== person.id)];
        arrange();
      },
    }, el("b", { text: "Add a person" }), name, language, el("button", { testid: "person-save", text: "Add" })));
  document.body.append(cover);
  name.focus();
}

function toggle(name, build) {
  const opening = drawer.hidden || drawer.dataset.panel !== name;
  drawer.hidden = !opening;
  drawer.dataset.panel = name;
  drawer.replaceChildren();
  for (const tool of ["faults", "api-log"]) find(tool).classList.toggle("on", opening && tool === name);
  if (opening) build(drawer, () => toggle(name, build));
  arrange();
}

find("add-person").addEventListener("click", personForm);
find("faults").addEventListener("click", () => toggle("faults", faultsPanel));
find("api-log").addEventListener("click", () => toggle("api-log", logPanel));
addEventListener("resize", arrange);
listen(received, refresh, () => { find("offline").hidden = false; });
