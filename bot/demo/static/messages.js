// Messages: one of them, a channel of them, a thread of them.
import { content } from "./blocks.js";
import { ask } from "./connection.js";
import { h } from "./dom.js";
import { ago, clockTime, fullTime } from "./moments.js";
import { go, repliesTo, state } from "./state.js";
import { t } from "./words.js";

const COLOURS = ["#1a6b3c", "#8a3ffc", "#0f62fe", "#b8460e", "#a2191f", "#005d5d", "#6f4e00"];

/** Somebody's sign beside what they say. */
export function avatar(user) {
  const known = state.users.get(user);
  if (user === state.bot) return h("img", { class: "avatar", src: "/static/icon.svg", alt: "" });
  const letters = (known?.real_name ?? "?").split(" ").map((word) => word[0]).join("").slice(0, 2);
  const node = h("span", { class: "avatar", "aria-hidden": "true" }, letters);
  node.style.background = COLOURS[[...user].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS.length];
  return node;
}

/** A message; in a channel with the way to its thread. */
export function messageNode(message, { inThread = false } = {}) {
  const user = state.users.get(message.user);
  const at = Number(message.ts);
  const name = user?.real_name ?? message.user;
  const isReply = message.thread_ts && message.thread_ts !== message.ts;
  const head = h(
    "header", {},
    h("b", {}, name), user?.is_bot ? h("span", { class: "tag" }, t("app_tag")) : null,
    h("time", { title: fullTime(at) }, clockTime(at)),
    message.pinned ? h("small", {}, `📌 ${t("pinned")}`) : null,
    message.ephemeral_for ? h("small", {}, `👁 ${t("only_you")}`) : null,
    isReply && !inThread ? h("button", { type: "button", class: "plainlink", onclick: () => openThread(message) }, t("also_channel")) : null,
  );
  const body = h("div", { class: "message-body" }, head, content(message), files(message), message.edited ? h("small", { class: "edited", title: fullTime(Number(message.edited.ts)) }, t("edited")) : null, reactions(message), inThread ? null : replies(message));
  const attributes = { class: `message${message.ephemeral_for ? " ephemeral" : ""}`, "data-ts": message.ts, tabindex: "-1", "aria-label": `${name}, ${clockTime(at)}` };
  return h("article", attributes, avatar(message.user), body, message.ephemeral_for ? null : tools(message, inThread));
}

function files(message) {
  return message.files?.length ? h("div", { class: "context" }, message.files.map((one) => h("span", {}, `${one.alt_txt ? "🖼️" : "📄"} ${one.name}${one.alt_txt ? `: ${one.alt_txt}` : ""}`))) : null;
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((one) => h("span", {}, `:${one.name}: ${one.count}`)));
}

function replies(message) {
  const below = repliesTo(message.channel, message.ts);
  if (!below.length) return null;
  const count = t(below.length === 1 ? "replies_one" : "replies_many", { n: below.length });
  const last = Number(below.at(-1).ts);
  const when = h("small", { "data-last": String(last) }, t("last_reply", { ago: ago(last) }));
  return h("button", { type: "button", class: "replies", "data-key": `replies ${message.ts}`, onclick: () => openThread(message) }, h("b", {}, count), " ", when);
}

function openThread(message) {
  go({ channel: message.channel, thread: message.thread_ts ?? message.ts });
  document.body.dataset.pane = "thread";
  document.getElementById("thread").focus();
}

function tools(message, inThread) {
  const shortcuts = state.shortcuts.filter((one) => one.type === "message");
  const run = (one) => ask({ do: "message_shortcut", as: state.me, callback: one.callback_id, message: [message.channel, message.ts] });
  const menu = shortcuts.length
    ? h("details", { class: "menu" }, h("summary", { "aria-label": t("more") }, "⋮"), h("div", { class: "choices" }, shortcuts.map((one) => h("button", { type: "button", onclick: (event) => { event.target.closest("details").open = false; run(one); } }, one.name))))
    : null;
  const reply = inThread ? null : h("button", { type: "button", "aria-label": t("reply"), title: t("reply"), onclick: () => openThread(message) }, "💬");
  return reply || menu ? h("div", { class: "tools" }, reply, menu) : null;
}
