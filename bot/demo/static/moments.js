// Moments of the demo's clock, as Slack writes them.
import { now } from "./state.js";
import { spoken, t } from "./words.js";

const format = (seconds, how) => new Intl.DateTimeFormat(spoken(), how).format(new Date(seconds * 1000));
const day = (seconds) => new Date(seconds * 1000).toDateString();

export const clockTime = (seconds) => format(seconds, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const fullTime = (seconds) => format(seconds, { dateStyle: "full", timeStyle: "medium" });

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** "5 minutes ago", in the reader's language. */
export function ago(seconds) {
  const passed = seconds - now();
  const [unit, length] = UNITS.find(([, one]) => Math.abs(passed) >= one) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(spoken(), { numeric: "auto" }).format(Math.trunc(passed / length), unit);
}

function pretty(seconds, otherwise) {
  const names = { [day(now())]: "today", [day(now() - 86400)]: "yesterday", [day(now() + 86400)]: "tomorrow" };
  const name = names[day(seconds)];
  return name ? t(name) : format(seconds, otherwise);
}

const TOKENS = {
  date_num: (at) => format(at, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (at) => format(at, { dateStyle: "long" }),
  date_slash: (at) => format(at, { dateStyle: "short" }),
  date_short: (at) => format(at, { dateStyle: "medium" }),
  date_long: (at) => format(at, { dateStyle: "full" }),
  date_pretty: (at) => pretty(at, { dateStyle: "long" }),
  date_short_pretty: (at) => pretty(at, { dateStyle: "medium" }),
  date_long_pretty: (at) => pretty(at, { dateStyle: "full" }),
  day_divider_pretty: (at) => pretty(at, { weekday: "long", day: "numeric", month: "long" }),
  time: clockTime,
  time_secs: (at) => format(at, { timeStyle: "medium" }),
  ago,
};

/** Slack's date tokens filled in (docs.slack.dev/messaging/formatting-message-text, date formatting). */
export function dateWords(seconds, template) {
  return template.replace(/\{(\w+)\}/g, (written, name) => TOKENS[name]?.(seconds) ?? written);
}
