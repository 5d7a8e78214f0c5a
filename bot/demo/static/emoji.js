// The emoji that Slack writes by name: those that on-call people use.

const NAMES = {
  "+1": "👍", "-1": "👎", ambulance: "🚑", bell: "🔔", bulb: "💡", calendar: "📅", clipboard: "📋", no_bell: "🔕",
  checkered_flag: "🏁", email: "✉️", envelope: "✉️", eyes: "👀", fire: "🔥", hourglass: "⌛", house: "🏠", link: "🔗",
  lock: "🔒", mag: "🔍", memo: "📝", page_facing_up: "📄", phone: "☎️", telephone_receiver: "📞", pushpin: "📌",
  question: "❓", exclamation: "❗", rocket: "🚀", rotating_light: "🚨", sos: "🆘", speech_balloon: "💬", tada: "🎉",
  thumbsup: "👍", warning: "⚠️", wave: "👋", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", zzz: "💤",
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_blue_circle: "🔵", large_green_circle: "🟢",
  white_circle: "⚪", black_circle: "⚫", arrow_right: "➡️", arrow_up: "⬆️", arrow_down: "⬇️", hammer_and_wrench: "🛠️",
  wrench: "🔧", gear: "⚙️", stopwatch: "⏱️", alarm_clock: "⏰", raised_hand: "✋", pray: "🙏", heart: "❤️", smile: "😄",
};

/** `:name:` as the sign it stands for; an unknown name stays as it was written. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (written, name) => NAMES[name] ?? written);
}
