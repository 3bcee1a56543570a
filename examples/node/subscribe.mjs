#!/usr/bin/env node
// Follows topics of a Millrace server over server-sent events, and goes on where it was when the
// connection breaks. Needs nothing but Node 20 or newer.
//
//     node subscribe.mjs http://127.0.0.1:8080 orders,payments [COUNT]
//
// Prints one line of JSON for each event, and ends after COUNT of them. A token, where the server
// asks for one, is read from the environment: MILLRACE_TOKEN.

/** Yields `{ type, data, id }` for each event of one answer. */
async function* events(body) {
  let event = { type: 'message', data: [], id: undefined };
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line === '') {
        if (event.data.length > 0 || event.id !== undefined) {
          yield { type: event.type, data: event.data.join('\n'), id: event.id };
        }
        event = { type: 'message', data: [], id: undefined };
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') event.data.push(value);
      else if (field === 'event') event.type = value;
      else if (field === 'id') event.id = value;
    }
  }
}

/** Yields events for ever; those without data only tell how far we are. */
export async function* follow(server, topics, token) {
  const address = new URL('/sse', server);
  address.searchParams.set('topics', topics);
  let lastEventId = '';
  for (let wait = 0; ; wait = Math.min(30_000, wait * 2 + 250)) {
    await new Promise(resume => setTimeout(resume, wait * (0.5 + Math.random())));
    try {
      const headers = { Accept: 'text/event-stream' };
      if (lastEventId) headers['Last-Event-ID'] = lastEventId;
      if (token) headers.Authorization = `Bearer ${token}`;
      const answer = await fetch(address, { headers });
      if (answer.status >= 400 && answer.status < 500) {
        throw new TypeError(`${answer.status}: ${await answer.text()}`); // trying again helps nobody
      }
      if (!answer.ok) continue;
      for await (const event of events(answer.body)) {
        wait = 0;
        if (event.id !== undefined) lastEventId = event.id;
        if (event.data !== '') yield event;
      }
    } catch (failure) {
      if (failure instanceof TypeError && /^4\d\d:/.test(failure.message)) throw failure;
      console.error(`connection lost, trying again: ${failure.message}`);
    }
  }
}

const [server, topics, count = 'Infinity'] = process.argv.slice(2);
if (!topics) {
  console.error('usage: node subscribe.mjs SERVER TOPIC[,TOPIC…] [COUNT]');
  process.exit(2);
}
let left = Number(count);
for await (const event of follow(server, topics, process.env.MILLRACE_TOKEN)) {
  if (event.type === 'subscription_update') {
    console.error(`following ${topics}`);
    continue;
  }
  console.log(event.data);
  if (--left <= 0) process.exit(0);
}
