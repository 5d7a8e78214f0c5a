// A Discord message as its readers see it: bold words, times, and what was escaped for Discord.
import { h } from "./dom.js";
import { clockTime } from "./moments.js";
import { withLinks } from "./text.js";

const PIECES = /(\*\*(?:\\.|[^*\\])+\*\*|<t:\d+:\w>)/;

export function discordNodes(text) {
  return text.split(PIECES).map((piece) => {
    const time = /^<t:(\d+):\w>$/.exec(piece);
    if (time) return clockTime(Number(time[1]));
    const isBold = piece.startsWith("**") && piece.endsWith("**") && piece.length > 4;
    const bare = (isBold ? piece.slice(2, -2) : piece).replace(/\\([^\w\s])/g, "$1");
    return isBold ? h("b", {}, withLinks(bare)) : withLinks(bare);
  });
}
