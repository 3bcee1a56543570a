// The little of the WSE v1 protocol that a page needs: subscribe by URL, read events, answer PING.

const CATEGORIES = ["WSE", "S", "U"];
const decoder = new TextDecoder();

function parse(data) {
  let text = typeof data === "string" ? data : decoder.decode(data);
  for (const category of CATEGORIES) {
    if (text.startsWith(`${category}{`)) {
      text = text.slice(category.length);
      break;
    }
  }
  try {
    return JSON.parse(text);
  } catch {
    return null; // a frame that is no JSON is nobody's event
  }
}

/// Follows `topics` for ever, reconnecting with growing pauses. `onState(live, why)`, `onEvent(type, payload)`.
export function connect(topics, { onState, onEvent }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const address = `${scheme}://${location.host}/wse?compression=false&topics=${topics.map(encodeURIComponent).join(",")}`;
  let pause = 500;

  function open() {
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      const message = parse(data);
      if (!message) return;
      switch (message.t) {
        case "server_ready":
          pause = 500;
          onState(true, "");
          break;
        case "PING":
          socket.send(`WSE${JSON.stringify({ t: "PONG", p: { timestamp: message.p?.timestamp }, v: 1 })}`);
          break;
        case "heartbeat":
        case "subscription_update":
        case "server_hello":
          break;
        case "error":
          onState(false, message.p?.message ?? "the server refused");
          break;
        default:
          onEvent(message.t, message.p ?? {});
      }
    };
    socket.onclose = () => {
      onState(false, "connection lost, trying again …");
      setTimeout(open, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, 10_000);
    };
  }
  open();
}
