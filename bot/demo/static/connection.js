// One WebSocket: frames in, wishes out, and back again by itself when it was cut.
import { toast } from "./dom.js";
import { take, tell } from "./state.js";
import { t } from "./words.js";

const answers = new Map();
let socket = null;
let number = 0;

export function connect() {
  socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/live`);
  socket.addEventListener("message", (event) => JSON.parse(event.data).forEach(receive));
  socket.addEventListener("open", () => tell("connection", { open: true }));
  socket.addEventListener("close", () => {
    tell("connection", { open: false });
    for (const settle of answers.values()) settle({ refused: "cut" });
    answers.clear();
    setTimeout(connect, 1000);
  });
}

function receive(frame) {
  if (frame.type !== "answer") {
    take(frame);
    return;
  }
  answers.get(frame.id)?.(frame);
  answers.delete(frame.id);
}

/** Ask for something; the answer has `errors` or `refused` when nothing came of it, and a refusal is shown. */
export async function ask(wish) {
  if (socket.readyState !== WebSocket.OPEN) {
    toast(t("refused_cut"));
    return { refused: "cut" };
  }
  number += 1;
  const id = number;
  const answer = await new Promise((settle) => {
    answers.set(id, settle);
    socket.send(JSON.stringify({ ...wish, id }));
  });
  if (answer.refused) toast(t(`refused_${answer.refused}`));
  return answer;
}
