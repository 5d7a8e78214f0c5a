// The page: starts its parts, keeps its clock, finds its place in the address.
import { refreshClock, startBar } from "./bar.js";
import { connect } from "./connection.js";
import { openTab, refreshReplies, startConversation } from "./conversation.js";
import { startDevices } from "./devices.js";
import { h } from "./dom.js";
import { startModals } from "./modal.js";
import { startSidebar } from "./sidebar.js";
import { go, on, state, tell } from "./state.js";
import { refreshMoments } from "./text.js";
import { startTour } from "./tour.js";
import { speak, t } from "./words.js";

const FIRST_CHANNEL = "sre-incidents";

on("everything", () => {
  speak(state.language);
  place();
  drawPanes();
});
startBar();
startSidebar();
startConversation();
startDevices();
startModals();
startTour();
on("place", (moved) => {
  const threads = document.querySelector("#panes [data-pane=thread]");
  if (threads) threads.disabled = !state.thread;
  if ("thread" in moved && moved.thread) document.body.dataset.pane = "thread";
});
addEventListener("hashchange", () => state.isReady && place());
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
setInterval(() => {
  if (!state.isReady) return;
  refreshClock();
  refreshMoments();
  refreshReplies();
}, 250);
connect();

/** Go where the address says: #/person/channel/thread, each by id or by name. */
function place() {
  const [me, channel, thread] = location.hash.slice(2).split("/").map(decodeURIComponent);
  const named = (all, key, otherwise) => all.get(key)?.id ?? [...all.values()].find((one) => one.name === key)?.id ?? otherwise;
  const person = named(state.users, me, state.me || named(state.users, "john", ""));
  const room = named(state.channels, channel, state.channel || named(state.channels, FIRST_CHANNEL, ""));
  go({ me: person, channel: room, thread: thread ?? "" });
  if (state.channels.get(room)?.kind === "im") openTab(state.tab);
}

/** The panes that a narrow screen shows one at a time. */
function drawPanes() {
  const pane = (name, sign) => h("button", { type: "button", "data-pane": name, onclick: () => { document.body.dataset.pane = name; tell("pane"); } }, h("span", { "aria-hidden": "true" }, sign), t(`pane_${name}`), name === "devices" ? h("span", { class: "badge", "data-count": "devices" }) : null);
  document.getElementById("panes").replaceChildren(pane("list", "☰"), pane("channel", "#"), pane("thread", "💬"), pane("devices", "📱"));
}
