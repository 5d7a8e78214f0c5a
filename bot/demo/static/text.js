// Slack's text objects as nodes (docs.slack.dev/messaging/formatting-message-text). Whatever is not markup of Slack's is text.
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { dateWords } from "./moments.js";
import { state } from "./state.js";

const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** A text object's nodes. */
export function textNodes(object) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text) : broken(object.emoji === false ? object.text : withEmoji(object.text));
}

/** Plain text with its line breaks. */
const broken = (text) => text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));

/** Lines of mrkdwn: preformatted blocks, quotes, and the rest. */
export function mrkdwn(text) {
  const nodes = [];
  text.split(/```([\s\S]*?)```/).forEach((part, index) => {
    if (index % 2) nodes.push(h("pre", {}, decode(part.replace(/^\n/, ""))));
    else nodes.push(...lines(part));
  });
  return nodes;
}

function lines(text) {
  const nodes = [];
  text.split("\n").forEach((line, index) => {
    const quote = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quote) nodes.push(h("blockquote", {}, inline(quote[1])));
    else nodes.push(...(index && nodes.at(-1)?.tagName !== "BLOCKQUOTE" ? [h("br")] : []), ...inline(line));
  });
  return nodes;
}

const STYLES = { "*": "b", _: "i", "~": "s" };
const MARKUP = /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\3)[^\n])+?)(?<=\S)\3(?![\p{L}\p{N}])/u;

function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = MARKUP.exec(rest); found; found = MARKUP.exec(rest)) {
    nodes.push(withEmoji(decode(rest.slice(0, found.index))), styled(found));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...nodes, withEmoji(decode(rest))].filter((node) => node !== "");
}

function styled([, code, angle, mark, inner]) {
  if (code !== undefined) return h("code", {}, decode(code));
  if (angle !== undefined) return reference(angle);
  return h(STYLES[mark], {}, inline(inner));
}

function reference(written) {
  const [target, label] = splitOnce(written, "|");
  if (target.startsWith("@")) return userMention(target.slice(1));
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${state.channels.get(target.slice(1))?.name ?? label ?? "?"}`);
  if (target.startsWith("!date^")) return dateNode(target, label);
  if (target.startsWith("!")) return h("span", { class: "mention" }, label || `@${target.slice(1).split("^")[0]}`);
  return link(decode(target), label ? decode(label) : "");
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

export function userMention(id) {
  const name = state.users.get(id)?.real_name ?? id;
  return h("span", { class: id === state.me ? "mention me" : "mention" }, `@${name}`);
}

function dateNode(target, fallback) {
  const [, seconds, template] = target.split("^");
  const at = Number(seconds);
  if (!Number.isFinite(at) || !template) return fallback;
  return h("time", { "data-at": String(at), "data-template": template }, dateWords(at, template));
}

/** Bring every moment on the page up to date. */
export function refreshMoments() {
  for (const node of document.querySelectorAll("time[data-template]")) {
    const words = dateWords(Number(node.dataset.at), node.dataset.template);
    if (node.textContent !== words) node.textContent = words;
  }
}

/** A link, if it leads to the web or to a mail program; else its text. */
export function link(address, label) {
  if (!/^(https?:\/\/|mailto:)/.test(address)) return label || address;
  return h("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, label || address);
}

/** Plain words whose web addresses can be followed, as a phone shows a text message. */
export function withLinks(text) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) => (index % 2 ? link(part, "") : part));
}
