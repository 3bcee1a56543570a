"""Drives the published package wse-client for a test: one JSON object per line in and out.

In: {"do": "connect", "url": ..., "token"?, "topics"?, "queue"?, "delay"?, "encryption"?}, {"do": "subscribe" |
"unsubscribe", "topics": [...]}, {"do": "send", "type": ..., "payload": {...}}, {"do": "snapshot",
"topics": [...]}, {"do": "batch", "messages": [[type, payload], ...]}, {"do": "cut"} (the socket
breaks), {"do": "stats"}, {"do": "disconnect"}. Out, for each of them: {"what": "answer", "to": ...,
"ok": ..., ...}; besides, as they come: {"what": "event", ...} and {"what": "state", ...}.
"""

import asyncio
import json
import sys

import wse_client
import wse_client.connection as transport
from wse_client import AsyncWSEClient, ReconnectConfig

transport.HEARTBEAT_INTERVAL = 0.5  # else a test waits a quarter of a minute for the first ping


def tell(what, **fields):
    sys.stdout.write(json.dumps({"what": what, **fields}) + "\n")
    sys.stdout.flush()


class Observed(AsyncWSEClient):
    """The client as it is, which also tells how its frames came and what state it is in."""

    def __init__(self, *args, **kwargs):
        self.frames = {"text": 0, "binary": 0, "C:": 0, "M:": 0, "E:": 0}
        super().__init__(*args, **kwargs)

    def _on_raw_message(self, data):
        if isinstance(data, str):
            self.frames["text"] += 1
        else:
            self.frames["binary"] += 1
            prefix = data[:2].decode("latin-1")
            if prefix in self.frames:
                self.frames[prefix] += 1
        super()._on_raw_message(data)

    def _on_state_change(self, state):
        tell("state", state=state.value)
        super()._on_state_change(state)


async def forward(client):
    # Release 2 ends the iteration whenever an attempt to come back fails, and then tries again.
    while True:
        async for event in client:
            tell(
                "event",
                type=event.type,
                payload=event.payload,
                id=event.id,
                sequence=event.sequence,
                timestamp=event.timestamp,
                category=event.category,
                priority=event.priority,
                correlation_id=event.correlation_id,
                topic=getattr(event, "topic", None),
                epoch=getattr(event, "epoch", None),
                offset=getattr(event, "offset", None),
            )


async def connect(order):
    client = Observed(
        order["url"],
        token=order.get("token"),
        topics=order.get("topics"),
        queue_size=order.get("queue", 10_000),
        reconnect=ReconnectConfig(base_delay=order.get("delay", 1.0)),
        **({"encryption": True} if order.get("encryption") else {}),
    )
    # Forwarding before connecting: a client that is turned away hears why while it still waits.
    connecting = asyncio.ensure_future(client.connect())
    await asyncio.sleep(0)
    forwarding = asyncio.ensure_future(forward(client))
    await connecting
    return client, forwarding


async def main():
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    tell("version", version=wse_client.__version__)
    client = forwarding = None
    while line := await orders.readline():
        order = json.loads(line)
        do, more, ok = order["do"], {}, True
        try:
            if do == "connect":
                client, forwarding = await connect(order)
                more = {"ready": client.is_ready}
            elif do == "subscribe":
                ok = await client.subscribe(order["topics"])
            elif do == "unsubscribe":
                ok = await client.unsubscribe(order["topics"])
            elif do == "send":
                ok = await client.send(order["type"], order["payload"])
            elif do == "snapshot":
                ok = await client.request_snapshot(order["topics"])
            elif do == "batch":
                ok = await client.send_batch([tuple(one) for one in order["messages"]])
            elif do == "cut":
                client._connection._ws.transport.abort()
            elif do == "stats":
                more = {"stats": client.get_stats(), "frames": client.frames}
            elif do == "disconnect":
                await client.disconnect()
        except Exception as failure:
            ok, more = False, {"failure": f"{type(failure).__name__}: {failure}"}
        tell("answer", to=do, ok=ok, **more)
    if forwarding is not None:
        forwarding.cancel()


asyncio.run(main())
