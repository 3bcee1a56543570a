// A WebSocket client of one connection, for Node 16 and newer, which have none of their own.

import { randomBytes } from 'node:crypto';
import http from 'node:http';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Opens `url`; tells `opened()`, `message(text, bytes)` and `closed(code, reason)`. */
export class Socket {
  #socket = null;
  #rest = Buffer.alloc(0);
  #parts = [];
  #partsText = false;
  #told = false;
  #listener;

  constructor(url, headers, listener) {
    this.#listener = listener;
    const at = new URL(url);
    const request = http.request({
      host: at.hostname,
      port: at.port,
      path: at.pathname + at.search,
      headers: {
        Host: at.host,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        ...headers,
      },
    });
    request.on('upgrade', (response, socket, head) => {
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.on('data', bytes => this.#take(bytes));
      socket.on('error', () => this.#end(1006, ''));
      socket.on('close', () => this.#end(1006, ''));
      listener.opened();
      if (head.length > 0) this.#take(head);
    });
    request.on('response', response => this.#end(1006, `HTTP ${response.statusCode}`));
    request.on('error', failure => this.#end(1006, failure.message));
    request.end();
  }

  sendText(text) {
    this.#write(TEXT, Buffer.from(text, 'utf8'));
  }

  close(code) {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#write(CLOSE, payload);
  }

  /** Nothing is read until `resume`. */
  pause() {
    this.#socket?.pause();
  }

  resume() {
    this.#socket?.resume();
  }

  /** The connection breaks. */
  cut() {
    this.#socket?.destroy();
  }

  #end(code, reason) {
    if (!this.#told) {
      this.#told = true;
      this.#listener.closed(code, reason);
    }
  }

  #write(opcode, payload) {
    if (!this.#socket || this.#socket.destroyed) return;
    const mask = randomBytes(4);
    const length = payload.length;
    const head =
      length < 126
        ? Buffer.from([0x80 | opcode, 0x80 | length])
        : length < 65536
          ? Buffer.from([0x80 | opcode, 0x80 | 126, length >> 8, length & 255])
          : Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | 127, 0, 0, 0, 0]), uint32(length)]);
    const masked = Buffer.from(payload);
    for (let i = 0; i < length; i++) masked[i] ^= mask[i & 3];
    this.#socket.write(Buffer.concat([head, mask, masked]));
  }

  #take(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (let frame = this.#next(); frame !== null; frame = this.#next()) this.#handle(frame);
  }

  #next() {
    const rest = this.#rest;
    if (rest.length < 2) return null;
    let length = rest[1] & 127;
    let from = 2;
    if (length === 126) {
      if (rest.length < 4) return null;
      length = rest.readUInt16BE(2);
      from = 4;
    } else if (length === 127) {
      if (rest.length < 10) return null;
      length = Number(rest.readBigUInt64BE(2));
      from = 10;
    }
    if (rest.length < from + length) return null;
    this.#rest = rest.subarray(from + length);
    return { last: (rest[0] & 128) !== 0, opcode: rest[0] & 15, payload: rest.subarray(from, from + length) };
  }

  #handle({ last, opcode, payload }) {
    switch (opcode) {
      case PING:
        this.#write(PONG, payload);
        break;
      case PONG:
        break;
      case CLOSE: {
        const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.#write(CLOSE, payload);
        this.#end(code, payload.subarray(2).toString('utf8'));
        this.#socket.end();
        break;
      }
      default:
        if (opcode === TEXT || opcode === BINARY) this.#partsText = opcode === TEXT;
        this.#parts.push(payload);
        if (last) {
          const whole = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
          this.#parts = [];
          this.#listener.message(this.#partsText, whole);
        }
    }
  }
}

function uint32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
