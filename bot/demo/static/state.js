// What there is, and who is told when it changes.

export const state = {
  me: "",
  channel: "",
  thread: "",
  tab: "home",
  users: new Map(),
  channels: new Map(),
  messages: new Map(),
  modals: {},
  homes: {},
  sms: [],
  mails: [],
  calls: [],
  posts: [],
  webhook: "",
  replies: [],
  people: [],
  clock: { now: 0, speed: 1, paused: false, seen: 0 },
  conditions: {},
  scenarios: [],
  commands: [],
  shortcuts: [],
  api: {},
  language: "en",
  bot: "",
  read: {},
  isReady: false,
};

const listeners = new Map();

/** Be told of changes of one kind: everything, message, channel, modals, home, sms, reply, mail, call, post, clock, conditions, place. */
export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, []);
  listeners.get(kind).push(listener);
}

export function tell(kind, change = {}) {
  for (const listener of listeners.get(kind) ?? []) listener(change);
}

const reducers = {
  everything(frame) {
    const lists = { users: byId(frame.users), channels: byId(frame.channels), messages: new Map() };
    Object.assign(state, frame, lists, { bot: frame.workspace.bot, isReady: true });
    frame.messages.forEach(keep);
    setClock(frame.clock);
  },
  message: (frame) => keep(frame.message),
  gone: (frame) => state.messages.get(frame.channel)?.delete(frame.ts),
  channel: (frame) => state.channels.set(frame.channel.id, frame.channel),
  modals: (frame) => { state.modals[frame.user] = frame.views; },
  home: (frame) => { state.homes[frame.user] = frame.view; },
  sms: (frame) => state.sms.push(frame.sms),
  mail: (frame) => state.mails.push(frame.mail),
  reply: (frame) => state.replies.push(frame.reply),
  call: (frame) => keepAsItStands(state.calls, frame.call),
  post: (frame) => keepAsItStands(state.posts, frame.post),
  clock: (frame) => setClock(frame.clock),
  conditions: (frame) => { state.conditions = frame.conditions; },
};

/** Take one frame of the server's in. */
export function take(frame) {
  reducers[frame.type]?.(frame);
  tell(frame.type, frame);
}

function byId(list) {
  return new Map(list.map((one) => [one.id, one]));
}

function keep(message) {
  if (!state.messages.has(message.channel)) state.messages.set(message.channel, new Map());
  state.messages.get(message.channel).set(message.ts, message);
}

function keepAsItStands(list, thing) {
  const place = list.findIndex((one) => one.id === thing.id);
  if (place < 0) list.push(thing);
  else list[place] = thing;
}

function setClock(clock) {
  state.clock = { ...clock, seen: performance.now() };
}

/** The demo's time, in seconds since 1970. */
export function now() {
  const { now: at, speed, paused, seen } = state.clock;
  return paused ? at : at + ((performance.now() - seen) / 1000) * speed;
}

export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

const seenByMe = (message) => !message.ephemeral_for || message.ephemeral_for === state.me;

/** The messages of a channel that whoever is acting sees, oldest first; replies only where they were sent there too. */
export function messagesIn(channel) {
  const all = [...(state.messages.get(channel)?.values() ?? [])];
  const shown = all.filter((message) => seenByMe(message) && (!isReply(message) || message.reply_broadcast));
  return shown.sort(byTime);
}

/** The replies below a message, oldest first. */
export function repliesTo(channel, ts) {
  const all = [...(state.messages.get(channel)?.values() ?? [])];
  return all.filter((message) => isReply(message) && message.thread_ts === ts && seenByMe(message)).sort(byTime);
}

const byTime = (one, other) => (one.ts < other.ts ? -1 : 1);

/** The conversations that whoever is acting has: public channels, private ones they are in, and the one with the bot. */
export function myChannels() {
  const mine = [...state.channels.values()].filter((one) => one.kind === "public" || one.members.includes(state.me));
  return mine.sort((one, other) => one.name.localeCompare(other.name));
}

export const botChannel = () => myChannels().find((one) => one.kind === "im");

/** How many messages of a channel came since it was looked at, and how many of them mean me. */
export function unread(channel) {
  const since = state.read[state.me]?.[channel.id] ?? "";
  const fresh = messagesIn(channel.id).filter((message) => message.ts > since && message.user !== state.me);
  const mentions = fresh.filter((message) => channel.kind === "im" || mentionsMe(message));
  return { count: fresh.length, mentions: mentions.length };
}

const mentionsMe = (message) => JSON.stringify([message.text, message.blocks ?? []]).includes(`<@${state.me}>`);

export function markRead(channel) {
  const last = messagesIn(channel).at(-1);
  if (!last) return;
  state.read[state.me] ??= {};
  state.read[state.me][channel] = last.ts;
}

/** Go somewhere: any of me, channel, thread, tab. The address keeps it, so that each tab can be somebody else. */
export function go(place) {
  const moved = place.channel !== undefined && place.channel !== state.channel;
  Object.assign(state, moved ? { thread: "" } : {}, place);
  history.replaceState(null, "", `#/${[state.me, state.channel, state.thread].filter(Boolean).join("/")}`);
  tell("place", place);
}
