// Where people write: messages, and slash commands with their completion.
import { ask } from "./connection.js";
import { h, toast } from "./dom.js";
import { state } from "./state.js";
import { t } from "./words.js";

const kept = new Map();
let made = 0;

/** The composer of a channel, or with `thread` of that thread: the same one each time, with what is written in it. */
export function composer(label, channel, thread = null) {
  const key = [state.me, channel, thread].join(" ");
  if (!kept.has(key)) kept.set(key, make(label, { channel, thread }));
  return kept.get(key);
}

function make(label, place) {
  made += 1;
  const id = `suggestions-${made}`;
  const list = h("ul", { class: "suggestions", id, role: "listbox", "aria-label": t("commands"), hidden: true });
  const input = h("textarea", { rows: 1, placeholder: label, "aria-label": label, role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", "data-key": `composer ${label}` });
  const node = h("form", { class: "composer" }, list, input, h("button", { type: "submit", class: "button primary", "aria-label": t("send") }, "➤"));
  const completion = new Completion(input, list);
  input.addEventListener("input", () => completion.look());
  input.addEventListener("blur", () => setTimeout(() => completion.hide(), 150));
  input.addEventListener("keydown", (event) => {
    if (completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      node.requestSubmit();
    }
  });
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text && (await send(text, place))) input.value = "";
    completion.hide();
  });
  return node;
}

async function send(text, { channel, thread }) {
  const isCommand = /^\/[a-z]/.test(text);
  if (!isCommand) return !(await ask({ do: "say", as: state.me, channel, text, thread: thread ? [channel, thread] : null })).refused;
  if (thread) return refuse(t("no_thread_commands"));
  const name = text.split(/\s/)[0];
  if (!state.commands.some((one) => one.command === name)) return refuse(t("unknown_command", { name }));
  return !(await ask({ do: "command", as: state.me, channel, text })).refused;
}

function refuse(words) {
  toast(words);
  return false;
}

/** The list over the composer: commands by their beginning, then what each takes. */
class Completion {
  constructor(input, list) {
    Object.assign(this, { input, list, found: [], at: 0 });
  }

  look() {
    this.found = this.offered();
    this.at = 0;
    this.draw();
  }

  offered() {
    const typed = /^(\/\S*)(?: (\S*))?$/.exec(this.input.value);
    if (!typed) return [];
    const [, name, word] = typed;
    if (word === undefined) {
      return state.commands.filter((one) => one.command.startsWith(name)).map((one) => ({ text: `${one.command} `, name: one.command, hint: one.usage_hint ?? "", words: one.description }));
    }
    const command = state.commands.find((one) => one.command === name);
    return words(command).filter((one) => one.startsWith(word) && one !== word).map((one) => ({ text: `${name} ${one} `, name: `${name} ${one}`, hint: "", words: "" }));
  }

  draw() {
    this.list.hidden = !this.found.length;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.list.replaceChildren(...this.found.map((one, index) => h("li", { id: `${this.list.id}-${index}`, role: "option", "aria-selected": String(index === this.at), onmousedown: (event) => { event.preventDefault(); this.at = index; this.choose(); } }, h("b", {}, one.name), " ", h("code", {}, one.hint), h("small", {}, one.words))));
    if (this.found.length) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  /** Whether the key was for the list. */
  key(event) {
    if (this.list.hidden) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.at = (this.at + moves[event.key] + this.found.length) % this.found.length;
    else if (event.key === "Tab" || (event.key === "Enter" && this.isUnfinished())) this.choose();
    else if (event.key === "Escape") this.hide();
    else return false;
    event.preventDefault();
    if (event.key in moves) this.draw();
    return true;
  }

  isUnfinished() {
    return !state.commands.some((one) => one.command === this.input.value.trim());
  }

  choose() {
    this.input.value = this.found[this.at].text;
    this.input.focus();
    this.look();
  }

  hide() {
    this.found = [];
    this.draw();
  }
}

/** The words that a command's hint offers: "[declare|list]" → declare, list. */
function words(command) {
  const offered = /^\[([a-z-]+(?:\|[a-z-]+)*)/.exec(command?.usage_hint ?? "");
  return offered ? offered[1].split("|") : [];
}
