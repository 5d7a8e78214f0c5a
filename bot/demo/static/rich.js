// rich_text blocks as nodes (docs.slack.dev/reference/block-kit/blocks/rich-text-block).
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { dateWords } from "./moments.js";
import { state } from "./state.js";
import { link, userMention } from "./text.js";

const INLINE = {
  text: (one) => one.text,
  emoji: (one) => withEmoji(`:${one.name}:`),
  link: (one) => link(one.url, one.text),
  user: (one) => userMention(one.user_id),
  usergroup: (one) => h("span", { class: "mention" }, `@${one.usergroup_id}`),
  channel: (one) => h("span", { class: "mention" }, `#${state.channels.get(one.channel_id)?.name ?? "?"}`),
  broadcast: (one) => h("span", { class: "mention" }, `@${one.range}`),
  date: (one) => h("time", { "data-at": one.timestamp, "data-template": one.format }, dateWords(one.timestamp, one.format)),
  color: (one) => one.value,
};
const STYLES = { bold: "b", italic: "i", strike: "s", code: "code" };

function inline(one) {
  const node = INLINE[one.type]?.(one) ?? "";
  const tags = Object.entries(STYLES).filter(([name]) => one.style?.[name]);
  return tags.reduce((inner, [, tag]) => h(tag, {}, inner), node);
}

const PARTS = {
  rich_text_section: (part) => h("div", {}, part.elements.map(inline)),
  rich_text_preformatted: (part) => h("pre", {}, part.elements.map(inline)),
  rich_text_quote: (part) => h("blockquote", {}, part.elements.map(inline)),
  rich_text_list: (part) => h(part.style === "ordered" ? "ol" : "ul", {}, part.elements.map((one) => h("li", {}, richParts([one])))),
};

export function richParts(parts) {
  return parts.map((part) => PARTS[part.type]?.(part) ?? null);
}
