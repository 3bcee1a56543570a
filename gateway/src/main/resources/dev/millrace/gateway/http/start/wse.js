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

const DENIED = [4401, 4403]; // final: the same token would be refused again

/// Follows `topics`, reconnecting with growing pauses, until the server wants (another) token: then
/// `onDenied(why)`, and nothing until the returned function is called. `onState(live, why)`,
/// `onEvent(type, payload)`; `before()` runs before each attempt.
export function connect(topics, { before, onState, onEvent, onDenied }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const address = `${scheme}://${location.host}/wse?compression=false&topics=${topics.map(encodeURIComponent).join(",")}`;
  let pause = 500;
  let socket = null;
  let waiting = null;

  function open() {
    clearTimeout(waiting);
    before();
    let why = "the server refused";
    socket = new WebSocket(address);
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
          why = message.p?.message ?? why;
          onState(false, why);
          break;
        default:
          onEvent(message.t, message.p ?? {});
      }
    };
    socket.onclose = ({ code }) => {
      socket = null;
      if (DENIED.includes(code)) {
        onDenied(why);
        return;
      }
      onState(false, "connection lost, trying again …");
      waiting = setTimeout(open, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, 10_000);
    };
  }
  open();
  return () => {
    pause = 500;
    if (socket === null) open();
    else socket.close(); // its end opens the next one, with the token of now
  };
}
