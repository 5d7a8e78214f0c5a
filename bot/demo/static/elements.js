// Interactive elements (docs.slack.dev/reference/block-kit/block-elements), each by the browser's own control.
import { ask } from "./connection.js";
import { confirmed } from "./dialog.js";
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { botChannel, state } from "./state.js";
import { textNodes } from "./text.js";
import { t } from "./words.js";

/**
 * Where an element stands. `ref` names its message or view to the server, `typed` is what stands in the inputs there,
 * by block and action, and `values` what the server knows of them.
 */
export class Place {
  constructor(ref, values = {}, typed = {}) {
    Object.assign(this, { ref, values, typed });
  }

  put(block, one, answer) {
    this.typed[block.block_id] ??= {};
    this.typed[block.block_id][one.action_id] = answer;
  }

  /** What an input shows: what was typed here, else what the server knows, else what it began with. */
  answer(block, one) {
    const here = this.typed[block.block_id];
    if (here && one.action_id in here) return here[one.action_id];
    return plain(this.values[block.block_id]?.[one.action_id] ?? one);
  }
}

const FIELDS = [
  "value", "initial_value", "selected_option", "initial_option", "selected_options", "initial_options", "selected_user", "initial_user",
  "selected_users", "initial_users", "selected_channel", "initial_channel", "selected_channels", "initial_channels",
  "selected_conversation", "initial_conversation", "selected_conversations", "initial_conversations",
  "selected_date", "initial_date", "selected_time", "initial_time", "selected_date_time", "initial_date_time",
];

function plain(entry) {
  const found = FIELDS.map((name) => entry[name]).find((value) => value !== undefined && value !== null);
  if (Array.isArray(found)) return found.map((one) => one.value ?? one);
  return found?.value ?? found ?? null;
}

/** Send what was done with an element, once its dialog was agreed to; whether it was sent. */
async function act(deed, place, block, one, node, more = {}) {
  if (one.confirm && !(await confirmed(one.confirm))) return false;
  node.classList.add("busy");
  const wish = { do: deed, as: state.me, ...place.ref, block: block.block_id, action: one.action_id, state: place.typed, ...more };
  const answer = await ask(one.confirm ? { ...wish, confirm: true } : wish);
  node.classList.remove("busy");
  return !answer.refused;
}

const isDispatched = (block) => block.type !== "input" || block.dispatch_action;

/** Keep an input's answer, and send it where Slack sends it at once. */
async function changed(place, block, one, node, answer) {
  const before = place.answer(block, one);
  place.put(block, one, answer);
  if (!isDispatched(block)) return;
  if (!(await act("select", place, block, one, node, { chosen: answer }))) place.put(block, one, before);
}

function button(one, block, place) {
  const style = one.style ? ` ${one.style}` : "";
  // Not the block's id: where an app gives none, Slack gives another one at every edit.
  const key = `${one.action_id} ${one.value ?? ""}`;
  const label = { type: "button", class: `button${style}`, "data-key": key, "aria-label": one.accessibility_label };
  const node = h("button", label, textNodes(one.text));
  node.addEventListener("click", () => {
    if (/^https?:/.test(one.url ?? "")) open(one.url, "_blank", "noopener,noreferrer");
    act("click", place, block, one, node, one.value === undefined ? {} : { value: one.value });
  });
  return node;
}

function overflow(one, block, place) {
  const menu = h("details", { class: "menu" }, h("summary", { class: "button", "aria-label": t("menu") }, "⋯"));
  const choose = (option) => {
    menu.open = false;
    act("select", place, block, one, menu, { chosen: option.value });
  };
  menu.append(h("div", { class: "choices" }, one.options.map((option) => h("button", { type: "button", onclick: () => choose(option) }, textNodes(option.text)))));
  return menu;
}

const words = (object) => withEmoji(object?.text ?? "");
const optionsOf = (one) => [...(one.options ?? []), ...(one.option_groups ?? []).flatMap((group) => group.options)];
const people = () => [...state.users.values()].filter((user) => !user.is_bot).map((user) => ({ value: user.id, text: { text: user.real_name } }));
const rooms = () => [...state.channels.values()].filter((one) => one.kind === "public" && !one.archived).map((one) => ({ value: one.id, text: { text: `#${one.name}` } }));
const talks = () => [...rooms(), ...(botChannel() ? [{ value: botChannel().id, text: { text: "Vigie" } }] : [])];

function select(one, block, place, options, id) {
  const node = h("select", { id, "data-key": id, "aria-label": block.type === "input" ? null : words(one.placeholder) || t("choose") });
  node.append(h("option", { value: "" }, words(one.placeholder) || t("choose")));
  if (one.option_groups) {
    node.append(...one.option_groups.map((group) => h("optgroup", { label: words(group.label) }, group.options.map(choice))));
  } else node.append(...options.map(choice));
  node.value = place.answer(block, one) ?? "";
  node.addEventListener("change", () => changed(place, block, one, node, node.value || null));
  return node;
}

const choice = (option) => h("option", { value: option.value }, words(option.text));

/** Checkboxes, radio buttons, and menus of which several may be chosen. */
function several(one, block, place, options, kind) {
  const chosen = () => [place.answer(block, one) ?? []].flat().map(String);
  const node = h("div", { class: "several", role: "group", "aria-label": words(block.label) || words(one.placeholder) });
  const name = `${block.block_id} ${one.action_id}`;
  for (const option of options) {
    const box = h("input", { type: kind, name, value: option.value, checked: chosen().includes(option.value), "data-key": `${name} ${option.value}` });
    box.addEventListener("change", () => {
      const ticked = [...node.querySelectorAll("input:checked")].map((input) => input.value);
      changed(place, block, one, node, kind === "radio" ? ticked[0] : ticked);
    });
    node.append(h("label", {}, box, h("span", {}, textNodes(option.text), option.description ? h("small", {}, textNodes(option.description)) : null)));
  }
  return node;
}

function field(one, block, place, id, type, more = {}) {
  const attributes = { id, "data-key": id, placeholder: words(one.placeholder) || null, maxlength: one.max_length, ...more };
  const node = one.multiline ? h("textarea", { ...attributes, rows: 4 }) : h("input", { ...attributes, type });
  node.value = shownIn(type, place.answer(block, one));
  const sentAtOnce = block.dispatch_action && type === "text" ? "keydown" : "change";
  node.addEventListener("input", () => place.put(block, one, readFrom(type, node.value)));
  node.addEventListener(sentAtOnce, (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    if (event.type === "keydown") event.preventDefault();
    changed(place, block, one, node, readFrom(type, node.value));
  });
  return node;
}

function shownIn(type, answer) {
  if (answer === null || answer === undefined) return "";
  if (type !== "datetime-local") return String(answer);
  const local = new Date(answer * 1000);
  return new Date(local.getTime() - local.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function readFrom(type, written) {
  if (written === "") return null;
  return type === "datetime-local" ? Math.floor(new Date(written).getTime() / 1000) : written;
}

/** A menu whose options Vigie is asked for while somebody types. */
function external(one, block, place, id) {
  const kept = place.values[block.block_id]?.[one.action_id]?.selected_option ?? one.initial_option;
  const node = h("div", { class: "external" });
  const list = h("div", { class: "choices", role: "listbox", hidden: true });
  const input = h("input", { id, "data-key": id, type: "search", autocomplete: "off", placeholder: words(one.placeholder) || t("search") });
  input.value = words(kept?.text);
  const choose = (option) => {
    input.value = words(option.text);
    list.hidden = true;
    changed(place, block, one, node, option);
  };
  const look = async () => {
    if (input.value.length < (one.min_query_length ?? 3)) return;
    const wish = { do: "suggest", as: state.me, ...place.ref, block: block.block_id, action: one.action_id, text: input.value };
    const { options = [] } = await ask(wish);
    list.hidden = false;
    list.replaceChildren(...(options.length ? options.map((option) => h("button", { type: "button", role: "option", onclick: () => choose(option) }, textNodes(option.text))) : [t("options_none")]));
  };
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 200);
  });
  input.addEventListener("focus", look);
  node.append(input, list);
  return node;
}

/** Files, sent with the form as what they are called and what is in them. */
function files(one, block, place, id) {
  const node = h("input", { id, "data-key": id, type: "file", accept: (one.filetypes ?? []).map((kind) => `.${kind}`).join(","), multiple: (one.max_files ?? 10) > 1 });
  node.addEventListener("change", async () => {
    place.put(block, one, await Promise.all([...node.files].map(read)));
  });
  return node;
}

const read = (file) => new Promise((settle) => {
  const reader = new FileReader();
  reader.addEventListener("load", () => settle({ name: file.name, base64: reader.result.slice(reader.result.indexOf(",") + 1) }));
  reader.readAsDataURL(file);
});

const KINDS = {
  button, overflow,
  static_select: (one, block, place, id) => select(one, block, place, optionsOf(one), id),
  users_select: (one, block, place, id) => select(one, block, place, people(), id),
  channels_select: (one, block, place, id) => select(one, block, place, rooms(), id),
  conversations_select: (one, block, place, id) => select(one, block, place, talks(), id),
  external_select: external,
  multi_static_select: (one, block, place) => several(one, block, place, optionsOf(one), "checkbox"),
  multi_users_select: (one, block, place) => several(one, block, place, people(), "checkbox"),
  multi_channels_select: (one, block, place) => several(one, block, place, rooms(), "checkbox"),
  multi_conversations_select: (one, block, place) => several(one, block, place, talks(), "checkbox"),
  checkboxes: (one, block, place) => several(one, block, place, one.options, "checkbox"),
  radio_buttons: (one, block, place) => several(one, block, place, one.options, "radio"),
  plain_text_input: (one, block, place, id) => field(one, block, place, id, "text"),
  email_text_input: (one, block, place, id) => field(one, block, place, id, "email"),
  url_text_input: (one, block, place, id) => field(one, block, place, id, "url"),
  number_input: (one, block, place, id) => field(one, block, place, id, "number", { min: one.min_value, max: one.max_value, step: one.is_decimal_allowed ? "any" : 1 }),
  file_input: files,
  datepicker: (one, block, place, id) => field(one, block, place, id, "date"),
  timepicker: (one, block, place, id) => field(one, block, place, id, "time"),
  datetimepicker: (one, block, place, id) => field(one, block, place, id, "datetime-local"),
  image: (one) => h("span", { class: "picture", role: "img", "aria-label": one.alt_text }, "🖼"),
};

let made = 0;

/** An element of `block` at `place`; `id` is what a label may point to. */
export function element(one, block, place, id = `control-${(made += 1)}`) {
  const kind = KINDS[one.type];
  return kind ? kind(one, block, place, id) : h("em", {}, one.type);
}
