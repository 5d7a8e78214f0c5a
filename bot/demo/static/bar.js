// The bar on top: what is the demo's and not Slack's. Clock, scenarios, what is broken, the way to the API.
import { ask } from "./connection.js";
import { fill, h, toast } from "./dom.js";
import { fullTime } from "./moments.js";
import { go, now, on, state } from "./state.js";
import { toggleTour } from "./tour.js";
import { spoken, t } from "./words.js";

const bar = document.getElementById("bar");
const banner = document.getElementById("banner");
const face = h("time", { class: "face" });
let isOpen = true;

export function startBar() {
  on("everything", draw);
  on("clock", draw);
  on("conditions", drawBanner);
  on("connection", ({ open }) => {
    isOpen = open;
    drawBanner();
  });
}

export function refreshClock() {
  if (!isOpen) return;
  const at = now();
  const words = new Intl.DateTimeFormat(spoken(), { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at * 1000));
  if (face.textContent === words) return;
  face.textContent = words;
  face.title = fullTime(at);
}

function draw() {
  refreshClock();
  fill(bar, h("a", { class: "skip", href: "#channel", onclick: skip }, t("skip")), h("strong", {}, h("img", { src: "/static/icon.svg", alt: "" }), "Vigie"), clock(), scenarios(), h("span", { class: "grow" }), tourButton(), api());
  drawBanner();
}

function skip(event) {
  event.preventDefault();
  document.getElementById("channel").focus();
}

function clock() {
  const { speed, paused } = state.clock;
  const turn = (wish) => () => ask({ do: "clock", ...wish });
  const pace = (n) => (n === 1 ? t("real_time") : t("speed", { n }));
  const run = (n) => h("button", { type: "button", class: "button", "aria-pressed": String(!paused && speed === n), "aria-label": pace(n), title: pace(n), "data-key": `speed ${n}`, onclick: turn({ speed: n }) }, `×${n}`);
  const words = paused ? t("play") : t("pause");
  const hold = h("button", { type: "button", class: "button", "aria-label": words, title: words, "data-key": "hold", onclick: turn(paused ? { speed } : { paused: true }) }, paused ? "▶" : "❚❚");
  const speeds = [...new Set([1, 60, speed])].sort((one, other) => one - other);
  const ahead = h("button", { type: "button", class: "button", "aria-label": t("ahead"), title: t("ahead"), "data-key": "ahead", onclick: turn({ advance: 5 }) }, "+5 min");
  return h("div", { class: "clock", role: "group", "aria-label": t("clock") }, face, hold, speeds.map(run), ahead);
}

function scenarios() {
  const menu = h("details", { class: "menu wide" }, h("summary", { class: "button primary", "data-key": "scenarios" }, `⚡ ${t("fire")}`));
  menu.append(h("div", { class: "choices" }, state.scenarios.map((one) => h("button", { type: "button", "data-scenario": one.name, onclick: () => fire(one, menu) }, h("b", {}, t(`sc_${one.name}`)), h("small", {}, t(`sc_${one.name}_d`))))));
  return menu;
}

/** Fire, and go where its card comes: fired elsewhere, it looks as if nothing happened. */
async function fire({ name, channel }, menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
  const answer = await ask({ do: "scenario", name });
  if (answer.refused) return;
  const room = [...state.channels.values()].find((one) => one.name === channel);
  toast(t("fired", { where: `#${channel}` }));
  if (room && room.id !== state.channel) go({ channel: room.id });
}

function tourButton() {
  return h("button", { type: "button", class: "button", "data-key": "tour", onclick: toggleTour }, `🧭 ${t("tour")}`);
}

function api() {
  const { address, token } = state.api;
  const request = `curl -H 'Authorization: Token ${token}' ${address}/api/v1/incidents/`;
  const alert = JSON.stringify({ version: "4", groupKey: "mine", status: "firing", alerts: [{ status: "firing", labels: { alertname: "Disk full", service: "redis-prod", severity: "critical" }, startsAt: "2026-01-01T00:00:00Z" }] });
  const sending = `curl -H 'Authorization: Token ${token}' -H 'Content-Type: application/json' -d '${alert}' ${address}/api/v1/webhooks/alertmanager/`;
  return h("details", { class: "menu wide right" }, h("summary", { class: "button" }, t("api")), h("div", { class: "choices" }, h("p", {}, t("api_send", { address })), h("pre", {}, sending), h("p", {}, t("api_d")), h("pre", {}, request)));
}

function drawBanner() {
  const broken = Object.entries(state.conditions).filter(([, is]) => is).map(([what]) => what);
  const mend = (what) => h("button", { type: "button", class: "button", "data-mend": what, onclick: () => ask({ do: "condition", name: what, broken: false }) }, t("mend"));
  const lines = isOpen ? broken.map((what) => h("span", {}, `⚠️ ${t(`down_${what}`)} `, mend(what))) : [h("span", {}, t("lost"))];
  banner.hidden = !lines.length;
  banner.replaceChildren(...lines);
}
