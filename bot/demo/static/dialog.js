// The confirm dialog that stands between a finger and a click.
import { h } from "./dom.js";
import { textNodes } from "./text.js";

/** Ask; whether it was agreed to. Escape and the cross say no. */
export function confirmed(confirm) {
  return new Promise((settle) => {
    const title = h("h2", { id: "confirm-title" }, textNodes(confirm.title));
    const words = h("div", { id: "confirm-words", class: "body" }, textNodes(confirm.text));
    const dialog = h("dialog", { class: "confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-words" });
    const end = (agreed) => {
      dialog.close();
      dialog.remove();
      settle(agreed);
    };
    const no = h("button", { type: "button", class: "button", onclick: () => end(false) }, textNodes(confirm.deny));
    const yes = h("button", { type: "button", class: `button ${confirm.style ?? "primary"}`, onclick: () => end(true) }, textNodes(confirm.confirm));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(false);
    });
    dialog.append(title, words, h("footer", {}, no, yes));
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}
