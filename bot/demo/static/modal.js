// Modals: the top one of whoever is acting, with what was typed kept through updates.
import { blockNode } from "./blocks.js";
import { ask } from "./connection.js";
import { h } from "./dom.js";
import { Place } from "./elements.js";
import { on, state } from "./state.js";
import { textNodes } from "./text.js";
import { t } from "./words.js";

const dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" });
const drafts = new Map();
// What Slack's own client says, in the language of the page.
const REQUIRED = "Please complete this required field.";
let shown = "";

export function startModals() {
  document.body.append(dialog);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close(false);
  });
  for (const kind of ["modals", "place", "everything"]) on(kind, draw);
}

const top = () => state.modals[state.me]?.at(-1);

function draw() {
  const view = top();
  const id = view ? `${view.id} ${view.hash}` : "";
  if (id === shown) return;
  shown = id;
  if (!view) {
    dialog.close();
    return;
  }
  const focused = dialog.contains(document.activeElement) ? document.activeElement.closest("[data-block]")?.dataset.block : "";
  dialog.replaceChildren(form(view));
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector(`[data-block="${CSS.escape(focused || "")}"] :is(input, textarea, select)`) ?? dialog.querySelector("input, textarea, select");
  first?.focus();
}

/** What was typed in a view, without what is no longer in it. */
function draft(view) {
  const kept = drafts.get(view.id) ?? {};
  const present = new Set(view.blocks.flatMap((block) => [block.element, block.accessory, ...(block.elements ?? [])].filter(Boolean).map((one) => `${block.block_id} ${one.action_id}`)));
  for (const [block, of] of Object.entries(kept)) {
    for (const action of Object.keys(of)) if (!present.has(`${block} ${action}`)) delete of[action];
  }
  drafts.set(view.id, kept);
  return kept;
}

function form(view) {
  const place = new Place({ view: view.id }, view.values, draft(view));
  const body = h("div", { class: "body" }, view.blocks.map((block) => blockNode(block, place)));
  const submit = view.submit ? h("button", { type: "submit", class: "button primary", disabled: Boolean(view.submit_disabled) }, textNodes(view.submit)) : null;
  const back = h("button", { type: "button", class: "button", onclick: () => close(false) }, view.close ? textNodes(view.close) : t("close"));
  const cross = h("button", { type: "button", class: "cross", "aria-label": t("close"), onclick: () => close(true) }, "×");
  const node = h("form", { novalidate: true }, h("header", {}, h("h2", { id: "modal-title" }, textNodes(view.title)), cross), body, h("footer", {}, back, submit));
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit) send(view, place, node, submit);
  });
  return node;
}

async function send(view, place, node, submit) {
  submit.disabled = true;
  const { errors } = await ask({ do: "submit", as: state.me, view: view.id, state: place.typed });
  submit.disabled = false;
  showErrors(node, errors ?? {});
}

function showErrors(node, errors) {
  for (const old of node.querySelectorAll(".error")) old.remove();
  for (const control of node.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const [block, words] of Object.entries(errors)) {
    const input = node.querySelector(`[data-block="${CSS.escape(block)}"]`);
    const error = h("p", { class: "error", id: `error-${block}`, role: "alert" }, words === REQUIRED ? t("required") : words);
    input?.append(error);
    const control = input?.querySelector("input, textarea, select");
    control?.setAttribute("aria-invalid", "true");
    control?.setAttribute("aria-describedby", error.id);
  }
  node.querySelector("[aria-invalid]")?.focus();
}

function close(everything) {
  const view = top();
  if (view) ask({ do: "close", as: state.me, view: view.id, everything });
}
