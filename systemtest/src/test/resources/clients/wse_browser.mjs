// A double of the published TypeScript client `wse-client` 1.4: not its code, but what it does with
// a connection and with each frame, so that a test notices a server that it would not work with.
//
// One JSON object per line in and out, as wse_driver.py has them. In: {"do": "connect", "url",
// "token"?, "topics"?, "delay"?, "format"?}, {"do": "subscribe" | "unsubscribe", "topics"},
// {"do": "send", "type", "payload"}, {"do": "snapshot", "topics"}, {"do": "cut"} (the socket
// breaks), {"do": "pause"} (nothing is read), {"do": "resume"}, {"do": "stats"},
// {"do": "disconnect"}. Out: an {"what": "answer", ...} for each, and as
// they come {"what": "event", ...}, {"what": "state", ...}, {"what": "dropped", ...}.

import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { inflateRawSync, inflateSync } from 'node:zlib';
import { Socket } from './wse_socket.mjs';

const VERSION = '1.4.3';
const DEFAULT_TOPICS = ['system_events'];
const NORMAL = [1000, 1001];
const FINAL = [1008, 4401, 4403, 4429];
const MOST_RETRIES = 10;
const HOOK_IDS = 100;
const IDS = 10_000;
const ID_MILLIS = 300_000;
const HEARTBEAT_MILLIS = 15_000;

const tell = (what, fields) => process.stdout.write(JSON.stringify({ what, ...fields }) + '\n');

const isSnapshot = type => type.includes('snapshot');

/** How old a frame may be when it comes. */
function longestAge(type, sinceOpen) {
  if (sinceOpen < 5_000) return isSnapshot(type) ? Infinity : 1_000;
  const patient = isSnapshot(type) || type.includes('health_update') || type.includes('connection_update');
  return patient ? 60_000 : 5_000;
}

/** How long a further frame of the same type is not wanted. */
function pause(type) {
  const never = ['server_ready', 'server_hello', 'error', 'subscription_update'];
  if (isSnapshot(type) || never.includes(type)) return 0;
  if (type === 'heartbeat') return 5_000;
  if (type.startsWith('health_check')) return 10_000;
  return type === 'metrics_response' || type === 'performance_metrics' ? 60_000 : 500;
}

function prefixOf(type) {
  if (type === 'client_hello' || type === 'subscription_update') return 'WSE';
  return type === 'sync_request' || type.startsWith('request_') ? 'S' : 'U';
}

/** The category that stands before the object, and the object's text. */
function split(text) {
  for (const category of ['WSE', 'S', 'U']) {
    if (text.startsWith(category + '{')) return [category, text.slice(category.length)];
  }
  return ['', text];
}

function inflate(bytes) {
  try {
    return inflateSync(bytes);
  } catch {
    return inflateRawSync(bytes);
  }
}

/** MessagePack as far as JSON goes. */
function unpack(bytes) {
  let at = 0;
  const text = length => bytes.toString('utf8', at, (at += length));
  const list = length => Array.from({ length }, () => value());
  const map = length => Object.fromEntries(Array.from({ length }, () => [value(), value()]));
  const number = (reader, size) => {
    const found = bytes[reader](at);
    at += size;
    return Number(found);
  };
  function value() {
    const kind = bytes[at++];
    if (kind < 0x80) return kind;
    if (kind < 0x90) return map(kind & 15);
    if (kind < 0xa0) return list(kind & 15);
    if (kind < 0xc0) return text(kind & 31);
    if (kind >= 0xe0) return kind - 256;
    switch (kind) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xca: return number('readFloatBE', 4);
      case 0xcb: return number('readDoubleBE', 8);
      case 0xcc: return number('readUInt8', 1);
      case 0xcd: return number('readUInt16BE', 2);
      case 0xce: return number('readUInt32BE', 4);
      case 0xcf: return number('readBigUInt64BE', 8);
      case 0xd0: return number('readInt8', 1);
      case 0xd1: return number('readInt16BE', 2);
      case 0xd2: return number('readInt32BE', 4);
      case 0xd3: return number('readBigInt64BE', 8);
      case 0xd9: return text(number('readUInt8', 1));
      case 0xda: return text(number('readUInt16BE', 2));
      case 0xdb: return text(number('readUInt32BE', 4));
      case 0xdc: return list(number('readUInt16BE', 2));
      case 0xdd: return list(number('readUInt32BE', 4));
      case 0xde: return map(number('readUInt16BE', 2));
      case 0xdf: return map(number('readUInt32BE', 4));
      default: throw new Error(`MessagePack ${kind.toString(16)}`);
    }
  }
  return value();
}

class Client {
  #order;
  #topics;
  #socket = null;
  #state = '';
  #retries = 0;
  #openedAt = 0;
  #ready = null;
  #hookIds = [];
  #ids = new Map();
  #lastOfType = new Map();
  #heartbeat = null;
  #sequence = 0;
  #features = {};
  frames = { text: 0, binary: 0, 'C:': 0, 'M:': 0, 'E:': 0 };
  dropped = { age: 0, throttle: 0, duplicate: 0 };
  latency = null;

  constructor(order) {
    this.#order = order;
    this.#topics = new Set(order.topics ?? []);
  }

  /** Resolves with whether the server said that it is ready. */
  connect() {
    return new Promise(resolve => {
      this.#ready = resolve;
      this.#open('connecting');
    });
  }

  #setState(state) {
    if (state !== this.#state) {
      this.#state = state;
      tell('state', { state });
    }
  }

  #open(state) {
    this.#setState(state);
    const at = new URL(this.#order.url);
    if (this.#topics.size > 0) at.searchParams.set('topics', [...this.#topics].join(','));
    at.searchParams.set('client_version', VERSION);
    at.searchParams.set('protocol_version', '1');
    at.searchParams.set('compression', 'true');
    at.searchParams.set('encryption', 'false');
    if (this.#order.format) at.searchParams.set('format', this.#order.format);
    const headers = { Origin: `http://${at.host}` };
    if (this.#order.token) headers.Cookie = `access_token=${this.#order.token}`;
    this.#socket = new Socket(at.href, headers, {
      opened: () => {
        this.#openedAt = Date.now();
        this.#lastOfType.clear();
      },
      message: (text, bytes) => this.#frame(text, bytes),
      closed: (code, reason) => this.#closed(code, reason),
    });
  }

  #closed(code, reason) {
    clearInterval(this.#heartbeat);
    tell('closed', { code, reason });
    if (NORMAL.includes(code)) {
      this.#setState('disconnected');
    } else if (FINAL.includes(code)) {
      this.#setState('error');
    } else if (this.#retries < MOST_RETRIES) {
      const base = (this.#order.delay ?? 1) * 1_000 * 1.5 ** this.#retries++;
      this.#setState('reconnecting');
      setTimeout(() => this.#open('connecting'), Math.min(base, 30_000));
      return;
    } else {
      this.#setState('error');
    }
    this.#ready?.(false);
  }

  send(type, payload) {
    const message = {
      t: type,
      p: payload,
      id: randomUUID(),
      ts: new Date().toISOString(),
      seq: ++this.#sequence,
      v: type === 'PONG' ? 1 : 2,
    };
    this.#socket.sendText(prefixOf(type) + JSON.stringify(message));
  }

  subscribe(action, topics) {
    for (const topic of topics) {
      if (action === 'subscribe') this.#topics.add(topic);
      else this.#topics.delete(topic);
    }
    this.send('subscription_update', { action, topics });
  }

  snapshot(topics) {
    this.send('sync_request', { topics, include_snapshots: true, last_sequence: 0 });
  }

  cut() {
    this.#socket.cut();
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  disconnect() {
    this.#socket.close(1000);
  }

  stats() {
    return {
      frames: this.frames,
      dropped: this.dropped,
      features: this.#features,
      latency_ms: this.latency,
    };
  }

  #frame(isText, bytes) {
    this.frames[isText ? 'text' : 'binary']++;
    const mark = isText ? '' : bytes.toString('latin1', 0, 2);
    let category = '';
    let message;
    let direct = true; // past the age filter, the short cache of ids and the throttle
    if (mark === 'C:') {
      const [found, json] = split(inflate(bytes.subarray(2)).toString('utf8'));
      category = found;
      message = JSON.parse(json);
    } else if (mark === 'M:') {
      message = unpack(bytes.subarray(2));
    } else if (mark === 'E:') {
      this.frames['E:']++;
      return; // it never gets a key
    } else {
      const text = bytes.toString('utf8');
      if (isText && text.startsWith('WSE:PING:')) {
        this.#pong(Number(text.slice('WSE:PING:'.length)));
        return;
      }
      const [found, json] = split(text);
      category = found;
      try {
        message = JSON.parse(json);
      } catch {
        tell('unreadable', { text: text.slice(0, 200) });
        return;
      }
      direct = false;
    }
    if (direct) this.frames[mark]++;
    if (!direct && !this.#isWanted(message)) return;
    this.#handle(message, category, mark);
  }

  #isWanted({ t, id, ts }) {
    const now = Date.now();
    if (ts !== undefined && now - Date.parse(ts) > longestAge(t, now - this.#openedAt)) {
      return this.#drop('age', t);
    }
    if (id !== undefined) {
      if (this.#hookIds.includes(id)) return this.#drop('duplicate', t);
      this.#hookIds.push(id);
      if (this.#hookIds.length > HOOK_IDS) this.#hookIds.shift();
    }
    const last = this.#lastOfType.get(t);
    if (last !== undefined && now - last < pause(t)) return this.#drop('throttle', t);
    this.#lastOfType.set(t, now);
    return true;
  }

  #drop(why, type) {
    this.dropped[why]++;
    tell('dropped', { why, type });
    return false;
  }

  #handle(message, category, mark) {
    const { t: type, p: payload, id } = message;
    const now = Date.now();
    if (id !== undefined) {
      const seen = this.#ids.get(id);
      if (seen !== undefined && now - seen < ID_MILLIS) {
        this.#drop('duplicate', type);
        return;
      }
      this.#ids.set(id, now);
      if (this.#ids.size > IDS) this.#ids.delete(this.#ids.keys().next().value);
    }
    switch (type) {
      case 'batch':
        for (const one of payload.messages) this.#event(one, category, mark);
        return;
      case 'PING':
        this.#pong(payload.timestamp);
        return;
      case 'PONG':
        this.latency = now - (payload.client_timestamp ?? now);
        return;
      case 'server_ready':
        this.#greeted(payload);
        break;
      default:
    }
    this.#event(message, category, mark);
  }

  #event({ t, p, id, ts, seq, pri, cid, tp, e, o }, category, mark) {
    tell('event', {
      type: t,
      payload: p,
      id,
      sequence: seq,
      timestamp: ts,
      category,
      framing: mark,
      priority: pri,
      correlation_id: cid,
      topic: tp,
      epoch: e,
      offset: o,
    });
  }

  #greeted(payload) {
    this.#features = payload.details?.features ?? {};
    this.#retries = 0;
    this.send('client_hello', {
      client_version: VERSION,
      protocol_version: 1,
      features: { compression: true, encryption: false, batching: true },
    });
    const topics = this.#topics.size > 0 ? [...this.#topics] : DEFAULT_TOPICS;
    this.send('subscription_update', { action: 'subscribe', topics });
    this.send('sync_request', { last_sequence: 0 });
    this.#heartbeat = setInterval(
      () => this.send('PING', { timestamp: Date.now() }),
      HEARTBEAT_MILLIS,
    );
    this.#setState('connected');
    this.#ready?.(true);
  }

  #pong(serverMillis) {
    this.send('PONG', { server_timestamp: serverMillis, client_timestamp: Date.now() });
  }
}

let client = null;
tell('version', { version: VERSION });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  let more = {};
  let ok = true;
  try {
    switch (order.do) {
      case 'connect':
        client = new Client(order);
        more = { ready: await client.connect() };
        break;
      case 'subscribe':
      case 'unsubscribe':
        client.subscribe(order.do, order.topics);
        break;
      case 'send':
        client.send(order.type, order.payload);
        break;
      case 'snapshot':
        client.snapshot(order.topics);
        break;
      case 'stats':
        more = client.stats();
        break;
      case 'cut':
        client.cut();
        break;
      case 'pause':
        client.pause();
        break;
      case 'resume':
        client.resume();
        break;
      case 'disconnect':
        client.disconnect();
        break;
      default:
        throw new Error(`no order ${order.do}`);
    }
  } catch (failure) {
    ok = false;
    more = { failure: String(failure) };
  }
  tell('answer', { to: order.do, ok, ...more });
}
process.exit(0);
