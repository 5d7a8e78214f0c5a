// A guided tour of the guide's night: six stops, each ticked off when it has happened.
import { ask } from "./connection.js";
import { fill, h } from "./dom.js";
import { botChannel, go, isReply, on, state } from "./state.js";
import { t } from "./words.js";

const box = document.getElementById("tour");
let isPlanned = false;

export function startTour() {
  for (const kind of ["everything", "message", "sms", "place"]) on(kind, plan);
}

export function toggleTour() {
  box.hidden = !box.hidden;
  // At sixty times the speed the night is over before anybody has read what to look at.
  if (!box.hidden && state.clock.speed !== 1) ask({ do: "clock", speed: 1 });
  draw();
}

function plan() {
  if (box.hidden || isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    draw();
  });
}

const room = () => [...state.channels.values()].find((one) => one.name === "sre-incidents");
const john = () => [...state.users.values()].find((user) => user.name === "john");
const said = () => [...(state.messages.get(room()?.id)?.values() ?? [])].filter((message) => message.user === state.bot);
const cards = () => said().filter((message) => !isReply(message));
const buttons = (message) => (message.blocks ?? []).filter((block) => block.type === "actions").flatMap((block) => block.elements);
const offers = (message, action, ends = "") => buttons(message).some((one) => one.action_id.startsWith(action) && (one.value ?? "").endsWith(ends));

const isOpen = (card) => offers(card, "incident.resolve");
const isTaken = (card) => !offers(card, "incident.acknowledge");
// The tour is about the newest card: an older night does not tick its stops.
const card = () => cards().sort((one, other) => (one.ts < other.ts ? -1 : 1)).at(-1);
const phoneOfJohn = () => state.people.find((one) => one.id === john()?.id)?.phone;
const isRung = () => Boolean(card()) && state.sms.some((sms) => sms.to === phoneOfJohn() && sms.at >= Number(card().ts));
const isHeld = () => Boolean(card()) && isTaken(card());
const isPastCritical = () => said().some((message) => message.thread_ts === card()?.ts && offers(message, "step.done", ":5"));
const isEnded = () => isHeld() && !isOpen(card());
const isRead = () => isEnded() && state.thread === card().ts;

const STOPS = [
  { done: () => cards().length > 0, show: () => ask({ do: "scenario", name: "redis" }) },
  { done: () => isRung(), show: () => ask({ do: "clock", advance: 5 }) },
  { done: isHeld, show: () => go({ me: john().id, channel: room().id, thread: "" }) },
  { done: () => isPastCritical() || isEnded(), show: () => go({ me: john().id, channel: room().id, thread: card()?.ts ?? "" }) },
  { done: isEnded, show: () => go({ channel: room().id, thread: "" }) },
  { done: isRead, show: () => go({ channel: room().id, thread: card()?.ts ?? "" }) },
];

function draw() {
  if (!state.isReady || !botChannel()) return;
  const ticks = STOPS.map((stop) => stop.done());
  const current = ticks.indexOf(false);
  const stops = STOPS.map((stop, index) => {
    const n = index + 1;
    const isHere = index === current;
    const button = isHere ? h("button", { type: "button", class: "button primary", "data-key": `stop ${n}`, onclick: stop.show }, t("tour_go")) : null;
    return h("li", { class: ticks[index] ? "done" : "", "aria-current": isHere ? "step" : null }, h("b", {}, `${ticks[index] ? "✓ " : ""}${t(`tour_${n}`)}`), isHere ? h("p", {}, t(`tour_${n}_d`)) : null, button);
  });
  const close = h("button", { type: "button", class: "cross", "aria-label": t("tour_close"), onclick: toggleTour }, "×");
  fill(box, h("header", {}, h("h2", {}, t("tour")), close), h("ol", {}, stops));
}
