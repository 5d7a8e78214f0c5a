// Elements from plain values. Text is only ever text: nothing here reads markup.

/** An element; `on…` attributes are listeners, `false` and `null` attributes are left out, children may nest. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Put `children` in place of what `element` has, the focus staying on what has the same `data-key`. */
export function fill(element, ...children) {
  keepingFocus(element, () => element.replaceChildren(...children.flat(Infinity).filter(Boolean)));
}

/** Put `next` in the place of `old`; answers `next`. */
export function replace(old, next) {
  keepingFocus(old, () => old.replaceWith(next), next);
  return next;
}

function keepingFocus(from, change, to = from) {
  const active = document.activeElement;
  const key = active && from.contains(active) ? active.dataset.key : undefined;
  change();
  if (!key) return;
  const same = [...to.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
  (same ?? to).focus({ preventScroll: true });
}

/** Say something to whoever listens to the page instead of looking at it. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** A few words that go away by themselves. */
export function toast(text) {
  const shown = h("p", { class: "toast" }, text);
  const there = document.getElementById("toasts");
  for (const old of there.children) if (old.textContent === text) old.remove();
  there.append(shown);
  setTimeout(() => shown.remove(), 6000);
}
