// The left side: whose eyes these are, and where they can go.
import { fill, h } from "./dom.js";
import { avatar } from "./messages.js";
import { openTab } from "./conversation.js";
import { botChannel, go, myChannels, on, state, unread } from "./state.js";
import { t } from "./words.js";

const pane = document.getElementById("sidebar");
let isPlanned = false;

export function startSidebar() {
  for (const kind of ["everything", "place", "message", "gone", "channel", "read"]) on(kind, plan);
}

function plan() {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    draw();
  });
}

function draw() {
  const people = [...state.users.values()].filter((user) => !user.is_bot);
  const select = h("select", { id: "acting", "data-key": "acting" }, people.map((user) => h("option", { value: user.id }, user.real_name)));
  select.value = state.me;
  select.addEventListener("change", () => go({ me: select.value, thread: "" }));
  const another = h("a", { href: `#/${state.me}/${state.channel}`, target: "_blank", title: t("another_tab"), "aria-label": t("another_tab") }, "↗");
  const me = h("div", { class: "acting" }, avatar(state.me), h("label", { for: "acting" }, t("acting_as")), select, another);
  const rooms = myChannels().filter((one) => one.kind !== "im");
  fill(pane, me, h("h2", {}, t("channels")), h("ul", {}, rooms.map((one) => entry(one, `# ${one.name}`))), h("h2", {}, t("apps")), h("ul", {}, app()));
  document.title = title();
}

function title() {
  const waiting = myChannels().reduce((sum, one) => sum + unread(one).mentions, 0);
  return waiting ? `(${waiting}) Vigie` : "Vigie";
}

function app() {
  const channel = botChannel();
  if (channel) return entry(channel, "Vigie");
  const never = h("button", { type: "button", disabled: true }, "Vigie");
  return h("li", {}, never);
}

function entry(channel, name) {
  const { count, mentions } = unread(channel);
  const isHere = channel.id === state.channel;
  const number = channel.kind === "im" ? count : mentions;
  const badge = number && !isHere ? h("span", { class: "badge", "aria-label": t("mentions", { n: number }) }, String(number)) : null;
  const isUnread = count > 0 && !isHere;
  const label = isUnread ? h("span", { class: "unseen" }, `, ${t("unread", { n: count })}`) : null;
  const open = () => {
    document.body.dataset.pane = "channel";
    if (channel.kind === "im" && !isHere) openTab(count ? "messages" : "home");
    else go({ channel: channel.id });
  };
  const attributes = { type: "button", "data-key": `channel ${channel.id}`, class: isUnread ? "unread" : "", "aria-current": isHere ? "page" : null, onclick: open };
  return h("li", {}, h("button", attributes, h("span", {}, name), label, badge));
}
