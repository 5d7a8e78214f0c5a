// The right side: everybody's phone and mailbox, and a Discord channel. Whoever's rings is shown, until somebody picks one.
import { ask } from "./connection.js";
import { discordNodes } from "./discord.js";
import { announce, fill, h } from "./dom.js";
import { avatar } from "./messages.js";
import { clockTime } from "./moments.js";
import { on, state } from "./state.js";
import { withLinks } from "./text.js";
import { t } from "./words.js";

const pane = document.getElementById("devices");
const seen = new Set();
let holder = "";
let isPicked = false;
let sound = null;
const drafts = new Map();

// What OVH calls the number that sends when no name of one's own does.
const SHORT_NUMBER = "short number";

const sender = (sms) => (sms.sender === SHORT_NUMBER ? t("short_number") : sms.sender);

export function startDevices() {
  on("everything", () => {
    const last = [...state.sms].at(-1);
    holder = holder || owner((one) => one.phone === last?.to) || state.me || state.people[0]?.id || "";
    if (!seen.size) [...state.sms.map((sms) => `sms ${sms.id}`), ...state.mails.map((mail) => `mail ${mail.id}`), ...state.calls.map((call) => `call ${call.id}`)].forEach((key) => seen.add(key));
    draw();
  });
  on("pane", draw);
  on("reply", draw);
  on("sms", ({ sms }) => ring(owner((one) => one.phone === sms.to), "rings", sms.text));
  on("call", ({ call }) => (call.state === "ringing" ? ring(owner((one) => one.phone === call.to), "rings", call.text) : draw()));
  on("post", ({ post }) => {
    announce(t("discord_came", { text: post.text }));
    draw();
  });
  on("mail", ({ mail }) => ring(owner((one) => mail.to.includes(one.email)), "mail_came", mail.subject));
}

const owner = (is) => state.people.find(is)?.id ?? "";
const name = (id) => state.users.get(id)?.real_name ?? id;
const texts = (person) => state.sms.filter((sms) => sms.to === person.phone);
const calls = (person) => state.calls.filter((call) => call.to === person.phone);
const replies = (person) => state.replies.filter((one) => one.from === person.phone);
const mails = (person) => state.mails.filter((mail) => mail.to.includes(person.email));

function ring(id, how, text) {
  announce(t(how, { name: name(id), text }));
  if (id && !isPicked) holder = id;
  if (how === "rings") beep();
  draw();
  if (id !== holder || how !== "rings") return;
  const phone = pane.querySelector(".phone");
  phone?.classList.add("ringing");
  phone?.addEventListener("animationend", () => phone.classList.remove("ringing"), { once: true });
}

function beep() {
  if (!sound) return;
  const tone = sound.createOscillator();
  const loudness = sound.createGain();
  loudness.gain.value = 0.08;
  tone.frequency.value = 880;
  tone.connect(loudness).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.25);
}

function draw() {
  const person = state.people.find((one) => one.id === holder);
  const chips = h("div", { class: "chips", role: "group", "aria-label": t("phones") }, state.people.map(chip));
  const mute = h("button", { type: "button", class: "button", "aria-pressed": String(Boolean(sound)), title: t("sound"), "aria-label": t("sound"), "data-key": "sound", onclick: toggleSound }, sound ? "🔔" : "🔕");
  if (person && isSeen()) markSeen(person);
  fill(pane, h("header", {}, h("h1", {}, t("phones")), mute), chips, person ? [phone(person), mailbox(person)] : [], discord());
  badge();
}

function toggleSound() {
  sound = sound ? null : new AudioContext();
  draw();
}

/** Whether the phones are on the screen at all: a narrow one shows them only when they are asked for. */
const isSeen = () => pane.getClientRects().length > 0;

function markSeen(person) {
  for (const sms of texts(person)) seen.add(`sms ${sms.id}`);
  for (const mail of mails(person)) seen.add(`mail ${mail.id}`);
  for (const call of calls(person)) seen.add(`call ${call.id}`);
}

const fresh = (person) => texts(person).filter((sms) => !seen.has(`sms ${sms.id}`)).length + mails(person).filter((mail) => !seen.has(`mail ${mail.id}`)).length + calls(person).filter((call) => !seen.has(`call ${call.id}`)).length;

function badge() {
  const isLookedAt = (person) => person.id === holder && document.body.dataset.pane === "devices";
  const total = state.people.filter((person) => !isLookedAt(person)).reduce((sum, person) => sum + fresh(person), 0);
  for (const node of document.querySelectorAll("[data-count=devices]")) node.textContent = total ? String(total) : "";
}

function chip(person) {
  const waiting = person.id === holder ? 0 : fresh(person);
  const pick = () => {
    holder = person.id;
    isPicked = true;
    draw();
  };
  const count = texts(person).length + mails(person).length + calls(person).length;
  const label = `${name(person.id)}${waiting ? `, ${t("unread", { n: waiting })}` : ""}`;
  return h("button", { type: "button", class: "chip", "aria-pressed": String(person.id === holder), "aria-label": label, title: name(person.id), "data-key": `chip ${person.id}`, onclick: pick }, avatar(person.id), h("small", {}, count ? String(count) : ""), waiting ? h("span", { class: "badge" }, String(waiting)) : null);
}

function text(sms) {
  return h("article", { class: "sms" }, h("header", {}, h("b", {}, sender(sms)), h("time", {}, clockTime(sms.at))), h("p", {}, withLinks(sms.text)));
}

/** A call: what the voice says, and the keys while somebody can press them. */
function call(one) {
  const isOpen = one.state === "ringing" || one.state === "answered";
  const key = (name, label) => h("button", { type: "button", class: "button key", "data-key": `call ${one.id} ${name}`, onclick: () => ask({ do: "call", call: one.id, key: name }) }, h("b", {}, name), ` ${label}`);
  const rest = h("button", { type: "button", class: "button", "data-key": `call ${one.id} rest`, onclick: () => ask({ do: "call", call: one.id }) }, t(one.state === "ringing" ? "call_ignore" : "call_hang_up"));
  const keys = isOpen ? h("div", { class: "keys" }, one.keys.map((name) => key(name, t(`call_${name}`))), rest) : null;
  const heard = one.heard ? h("p", { class: "heard" }, one.heard) : null;
  return h("article", { class: `call ${one.state}` }, h("header", {}, h("b", {}, `📞 ${t(`call_${one.state}`)}`), h("time", {}, clockTime(one.at))), h("p", {}, `“${one.text}”`), heard, keys);
}

/** Where somebody answers their last text message: "a" takes the incident, "n" gives it on. */
function answering(person) {
  const last = texts(person).at(-1);
  if (!last) return null;
  const code = /\b(\d+a)\b/.exec(last.text)?.[1] ?? "12a";
  const field = h("input", { type: "text", maxlength: "160", autocomplete: "off", "aria-label": t("answer_sms"), placeholder: t("answer_hint", { code }), "data-key": `answer ${person.id}`, oninput: () => drafts.set(person.id, field.value) });
  field.value = drafts.get(person.id) ?? "";
  const send = async (event) => {
    event.preventDefault();
    const words = field.value.trim();
    if (!words) return;
    drafts.delete(person.id);
    field.value = "";
    const answer = await ask({ do: "reply", to: person.phone, text: words });
    if (answer.refused && !drafts.get(person.id)) {
      drafts.set(person.id, words);
      draw();
    }
  };
  return h("form", { class: "answer", onsubmit: send }, field, h("button", { class: "button", "data-key": `send ${person.id}` }, t("send")));
}

function said(one) {
  return h("article", { class: "written" }, h("header", {}, h("b", {}, name(holder)), h("time", {}, clockTime(one.at))), h("p", {}, one.text));
}

function phone(person) {
  const received = [...texts(person), ...calls(person), ...replies(person)].sort((one, other) => other.at - one.at);
  const screen = received.map((one) => (one.state ? call(one) : one.from ? said(one) : text(one)));
  const words = person.phone ? t("no_sms") : t("no_phone");
  const label = t("phone_of", { name: name(person.id) });
  return h("section", { class: "phone", "aria-label": label }, h("h2", {}, name(person.id), h("small", {}, person.phone)), h("div", { class: "screen", tabindex: "0" }, screen.length ? screen : h("p", { class: "empty" }, words)), answering(person));
}

function mailbox(person) {
  const received = [...mails(person)].reverse();
  const entries = received.map((mail) => h("details", { class: "mail", "data-mail": String(mail.id) }, h("summary", {}, h("b", {}, mail.subject), h("time", {}, clockTime(mail.at))), h("small", {}, t("from", { name: mail.from })), h("pre", {}, withLinks(mail.text)), mail.has_html ? asShown(mail) : null));
  return h("section", { class: "mailbox", "aria-label": t("mailbox_of", { name: name(person.id) }) }, h("h2", {}, "✉️ ", h("small", {}, person.email)), entries.length ? entries : h("p", { class: "empty" }, t("no_mail")));
}

/** What a policy sent to Discord, as it stands; until then, the address to name in one. */
function discord() {
  const posts = [...state.posts].reverse().map((post) => h("article", { class: "mail" }, h("header", {}, h("b", {}, "Vigie"), h("time", {}, clockTime(post.at))), h("p", {}, discordNodes(post.text))));
  const empty = h("p", { class: "empty" }, t("discord_hint"), " ", h("code", {}, state.webhook));
  return h("section", { class: "mailbox discord", "aria-label": t("discord") }, h("h2", {}, `💬 ${t("discord")}`), posts.length ? posts : empty);
}

/** The mail's HTML in a frame that can do nothing; fetched only when it is wanted. */
function asShown(mail) {
  const box = h("details", {}, h("summary", {}, t("show_html")));
  box.addEventListener("toggle", () => {
    if (box.open && !box.querySelector("iframe")) box.append(h("iframe", { src: `/mail/${mail.id}`, sandbox: "", title: mail.subject }));
  });
  return box;
}
