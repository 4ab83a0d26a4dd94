// The drawer: faults that can be switched on, and the log of Bot API calls.

import { get, post, remove } from "./api.js";
import { el } from "./dom.js";

const PRESETS = [
  ["429 Too Many Requests", { kind: "flood", seconds: 5 }],
  ["500 Internal Server Error", { kind: "server_error" }],
  ["502 with an HTML page", { kind: "bad_gateway" }],
  ["Slow answers, 2 s", { kind: "latency", seconds: 2, times: null }],
  ["Connection reset", { kind: "reset" }],
  ["Done, but the answer is lost", { kind: "reset", after: true }],
  ["No answer at all", { kind: "hang" }],
  ["Empty body", { kind: "empty" }],
];
const KEPT = 300;
let rows = null;
let needle = "";

function head(title, close, ...tools) {
  return el("header", { class: "drawer-head" }, el("b", { text: title }), ...tools,
    el("button", { class: "tool", "aria-label": "Close", text: "✕", onclick: close }));
}

export async function faultsPanel(drawer, close) {
  const method = el("input", { value: "(send|edit|answer).*", "aria-label": "Methods (regular expression)", testid: "fault-method" });
  const times = el("input", { type: "number", value: "3", min: "1", "aria-label": "Times", testid: "fault-times" });
  const active = el("ul", { class: "active", testid: "active-faults" });
  const problem = el("p", { class: "problem", role: "status" });

  async function draw() {
    const faults = await get("faults");
    active.replaceChildren(...faults.map((fault) => el("li", {},
      el("span", { text: `${fault.kind}${fault.after ? " after" : ""} · ${fault.method} · ${fault.times === null ? "always" : `${fault.times - fault.hits} left`}` }),
      el("button", { class: "tool", "aria-label": `Remove ${fault.kind}`, text: "✕", onclick: async () => { await remove(`faults?id=${fault.id}`); draw(); } }))));
    if (!faults.length) active.append(el("li", { class: "none", text: "Nothing is switched on." }));
  }

  async function add(fault) {
    problem.textContent = "";
    try {
      await post("faults", { method: method.value, times: Number(times.value) || 1, ...fault });
    } catch (failure) {
      problem.textContent = failure.message;
    }
    draw();
  }

  drawer.append(
    head("Faults", close),
    el("p", { class: "hint", text: "What the bot meets when it calls Telegram." }),
    el("label", {}, "Methods", method),
    el("label", {}, "Times", times),
    el("div", { class: "presets" }, ...PRESETS.map(([label, fault]) => el("button", { testid: `fault-${fault.kind}${fault.after ? "-after" : ""}`, text: label, onclick: () => add(fault) }))),
    problem,
    el("b", { text: "Switched on" }), active,
    el("button", { class: "wide", testid: "fault-clear", text: "Switch all off", onclick: async () => { await remove("faults"); draw(); } }));
  await draw();
}

export async function logPanel(drawer, close) {
  rows = el("div", { class: "calls", testid: "calls" });
  const filter = el("input", {
    placeholder: "Filter by method or text", "aria-label": "Filter", value: needle,
    oninput: () => { needle = filter.value; for (const row of rows.children) match(row); },
  });
  drawer.append(
    head("Bot API log", close, el("button", { class: "tool tool-text", text: "Clear", onclick: async () => { await remove("calls"); rows.replaceChildren(); } })),
    filter, rows);
  const { calls } = await get("calls?limit=200");
  for (const call of calls) if (call.method !== "getUpdates") addCall(call);
}

function match(row) {
  row.hidden = Boolean(needle) && !row.dataset.search.includes(needle.toLowerCase());
}

export function addCall(call) {
  if (!rows?.isConnected) return;
  const params = JSON.stringify(call.params, null, 1);
  const time = new Date(call.at * 1000).toLocaleTimeString("en-GB");
  const row = el("details", { class: call.status === 200 ? "call" : "call failed", data: { search: `${call.method} ${params} ${call.description}`.toLowerCase() } },
    el("summary", {},
      el("span", { class: "call-time", text: time }),
      el("span", { class: "call-method", text: call.method }),
      el("span", { class: "call-took", text: `${Math.round(call.took * 1000)} ms` }),
      el("span", { class: "call-status", text: String(call.status || "reset") })),
    call.description ? el("p", { class: "problem", text: call.description }) : null,
    el("pre", { text: params }));
  match(row);
  rows.prepend(row);
  while (rows.childElementCount > KEPT) rows.lastElementChild.remove();
}
