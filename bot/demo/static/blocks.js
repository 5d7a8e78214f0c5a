// Blocks as nodes (docs.slack.dev/reference/block-kit/blocks).
import { h } from "./dom.js";
import { element, Place } from "./elements.js";
import { richParts } from "./rich.js";
import { mrkdwn, textNodes } from "./text.js";
import { t } from "./words.js";

function section(block, place) {
  const text = h("div", { class: "words" }, block.text ? h("div", {}, textNodes(block.text)) : null);
  if (block.fields) text.append(h("div", { class: "fields" }, block.fields.map((one) => h("div", {}, textNodes(one)))));
  return h("div", { class: "section" }, text, block.accessory ? element(block.accessory, block, place) : null);
}

const GROUPS = new Set(["checkboxes", "radio_buttons", "multi_static_select", "multi_users_select", "multi_channels_select", "multi_conversations_select"]);
let made = 0;

function input(block, place) {
  const id = `input-${(made += 1)}`;
  const name = [textNodes(block.label), block.optional ? h("small", {}, ` ${t("optional")}`) : null];
  const label = GROUPS.has(block.element.type) ? h("div", { class: "label" }, name) : h("label", { class: "label", for: id }, name);
  const hint = block.hint ? h("small", { class: "hint" }, textNodes(block.hint)) : null;
  return h("div", { class: "input" }, label, element(block.element, block, place, id), hint);
}

function image(block) {
  const source = block.image_url ?? block.slack_file?.url ?? "";
  const isOurs = source.startsWith("/") || source.startsWith(location.origin);
  const picture = isOurs ? h("img", { src: source, alt: block.alt_text }) : h("span", { class: "picture", role: "img", "aria-label": block.alt_text }, `🖼 ${block.alt_text}`);
  return h("figure", {}, block.title ? h("figcaption", {}, textNodes(block.title)) : null, picture);
}

const KINDS = {
  section, input, image,
  header: (block) => h("h3", {}, textNodes(block.text)),
  divider: () => h("hr"),
  context: (block, place) => h("div", { class: "context" }, block.elements.map((one) => (one.type === "image" ? element(one, block, place) : h("span", {}, textNodes(one))))),
  actions: (block, place) => h("div", { class: "actions" }, block.elements.map((one) => element(one, block, place))),
  context_actions: (block, place) => h("div", { class: "actions" }, block.elements.map((one) => element(one, block, place))),
  rich_text: (block) => h("div", { class: "rich" }, richParts(block.elements)),
  markdown: (block) => h("div", { class: "words plain" }, block.text),
};

/** One block at a place. */
export function blockNode(block, place) {
  const node = KINDS[block.type]?.(block, place) ?? h("em", {}, block.type);
  node.dataset.block = block.block_id;
  return node;
}

/** What a message says. */
export function content(message) {
  if (!message.blocks?.length) return h("div", { class: "content" }, mrkdwn(message.text ?? ""));
  const place = new Place({ message: [message.channel, message.ts] });
  return h("div", { class: "content" }, message.blocks.map((block) => blockNode(block, place)));
}
