// The middle of the page: a channel, the bot's direct messages with its Home tab, and the thread beside it.
import { blockNode } from "./blocks.js";
import { composer } from "./composer.js";
import { ask } from "./connection.js";
import { fill, h, replace } from "./dom.js";
import { Place } from "./elements.js";
import { messageNode } from "./messages.js";
import { ago } from "./moments.js";
import { botChannel, go, isReply, markRead, messagesIn, on, repliesTo, state, tell } from "./state.js";
import { t } from "./words.js";

const pane = document.getElementById("channel");
const thread = document.getElementById("thread");
thread.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  go({ thread: "" });
  pane.focus();
});
let list = null;
let below = null;

export function startConversation() {
  on("everything", drawAll);
  on("place", (moved) => ("me" in moved || "channel" in moved || "tab" in moved ? drawAll() : drawThread()));
  on("message", ({ message }) => show(message));
  on("gone", ({ channel, ts }) => remove(channel, ts));
  on("home", ({ user }) => user === state.me && isHome() && drawHome());
  on("channel", ({ channel }) => channel.id === state.channel && drawAll());
}

const isHome = () => state.channel === botChannel()?.id && state.tab === "home";

function drawAll() {
  if (!state.channels.has(state.channel)) return;
  if (isHome()) drawHome();
  else drawChannel();
  drawThread();
}

function heading(channel) {
  if (channel.kind !== "im") return h("header", {}, h("h1", {}, `# ${channel.name}`), channel.topic ? h("p", {}, channel.topic) : null);
  const tab = (name) => h("button", { type: "button", role: "tab", "aria-selected": String(state.tab === name), "data-key": `tab ${name}`, onclick: () => openTab(name) }, t(name));
  return h("header", {}, h("h1", {}, "Vigie"), h("div", { role: "tablist", class: "tabs" }, tab("home"), tab("messages")));
}

/** One of the app's tabs; Home asks Vigie for it, as Slack does. */
export function openTab(name) {
  go({ channel: botChannel()?.id ?? state.channel, tab: name });
  if (name === "home") ask({ do: "home", as: state.me, tab: "home" });
}

function drawChannel() {
  const channel = state.channels.get(state.channel);
  const since = state.read[state.me]?.[channel.id];
  const messages = messagesIn(channel.id);
  const firstNew = since ? messages.find((message) => message.ts > since && message.user !== state.me) : null;
  list = h("div", { class: "messages", role: "log", "aria-label": channel.name, tabindex: "0" });
  for (const message of messages) {
    if (message === firstNew) list.append(h("p", { class: "new" }, t("new_messages")));
    list.append(messageNode(message));
  }
  const empty = channel.kind === "im" ? t("empty_direct", { name: state.users.get(state.me)?.real_name }) : t("empty_channel");
  if (!messages.length) list.append(h("p", { class: "empty" }, empty));
  const where = channel.kind === "im" ? "Vigie" : `#${channel.name}`;
  const writing = channel.archived ? h("p", { class: "empty" }, t("archived")) : composer(t("message_to", { where }), channel.id);
  fill(pane, heading(channel), list, writing);
  toTheEnd(list);
  seen();
}

function drawHome() {
  const view = state.homes[state.me];
  const channel = state.channels.get(state.channel);
  const place = view ? new Place({ view: view.id }, view.values) : null;
  const body = view ? view.blocks.map((block) => blockNode(block, place)) : [h("p", { class: "empty" }, t("empty_home"))];
  const kept = pane.querySelector(".home")?.scrollTop ?? 0;
  list = null;
  fill(pane, heading(channel), h("div", { class: "home content", tabindex: "0" }, body));
  pane.querySelector(".home").scrollTop = kept;
}

function drawThread() {
  const root = state.messages.get(state.channel)?.get(state.thread);
  thread.hidden = !root;
  below = null;
  if (!root) {
    thread.replaceChildren();
    if (document.body.dataset.pane === "thread") document.body.dataset.pane = "channel";
    return;
  }
  const channel = state.channels.get(state.channel);
  const close = h("button", { type: "button", class: "cross", "aria-label": t("close"), onclick: () => go({ thread: "" }) }, "×");
  const replies = repliesTo(state.channel, state.thread);
  below = h("div", { class: "messages", role: "log", "aria-label": t("thread"), tabindex: "0" }, messageNode(root, { inThread: true }), replies.map((reply) => messageNode(reply, { inThread: true })));
  const where = channel.kind === "im" ? "Vigie" : `#${channel.name}`;
  fill(thread, h("header", {}, h("h1", {}, t("thread"), " ", h("small", {}, where)), close), below, composer(t("reply_to"), state.channel, state.thread));
  toTheEnd(below);
}

/** Once it is shown: what is hidden has no height to scroll. */
function toTheEnd(box) {
  requestAnimationFrame(() => { box.scrollTop = box.scrollHeight; });
}

/** A message that is new or was edited, wherever it is shown. */
function show(message) {
  if (message.channel !== state.channel) return;
  const isMine = !message.ephemeral_for || message.ephemeral_for === state.me;
  if (below && isMine && (message.ts === state.thread || message.thread_ts === state.thread)) put(below, message, { inThread: true });
  if (!list) return;
  const reply = isReply(message);
  if (isMine && (!reply || message.reply_broadcast)) put(list, message, {});
  if (reply) redraw(state.messages.get(message.channel).get(message.thread_ts));
  seen();
}

function redraw(root) {
  const old = root && find(list, root.ts);
  if (old) replace(old, messageNode(root));
}

const find = (box, ts) => box.querySelector(`[data-ts="${CSS.escape(ts)}"]`);

function put(box, message, how) {
  const node = messageNode(message, how);
  const old = find(box, message.ts);
  if (old) {
    replace(old, node);
    return;
  }
  const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  box.querySelector(".empty")?.remove();
  const later = [...box.querySelectorAll("[data-ts]")].find((one) => one.dataset.ts > message.ts);
  box.insertBefore(node, later ?? null);
  if (isAtEnd) box.scrollTop = box.scrollHeight;
}

function remove(channel, ts) {
  if (channel !== state.channel) return;
  for (const box of [list, below]) if (box) find(box, ts)?.remove();
  if (ts === state.thread) go({ thread: "" });
}

/** Whoever looks at the end of a channel has read it. */
function seen() {
  if (document.hidden || !list) return;
  markRead(state.channel);
  tell("read");
}

export function refreshReplies() {
  for (const node of document.querySelectorAll("[data-last]")) node.textContent = t("last_reply", { ago: ago(Number(node.dataset.last)) });
}
