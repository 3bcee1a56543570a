#!/usr/bin/env python3
"""Publishes events to a topic of a Millrace server. Needs nothing but Python 3.9 or newer.

    python3 publish.py http://127.0.0.1:8080 orders '{"id": 7}' '{"id": 8}'

A token, where the server asks for one, is read from the environment: MILLRACE_TOKEN.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ATTEMPTS = 5


def publish(server, topic, events, token=None):
    """Publishes a list of events, all or none; returns how many were accepted.

    An event is {"type": ..., "payload": ...}; "id", "priority", "ts" and "correlation_id" may
    stand beside them. A server that is full says for how long to wait, and is asked again.
    """
    url = f"{server.rstrip('/')}/api/v1/topics/{urllib.parse.quote(topic, safe='')}"
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(events).encode()
    for attempt in range(1, ATTEMPTS + 1):
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)["accepted"]
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503 or attempt == ATTEMPTS:
                problem = json.load(refusal)["error"]
                raise RuntimeError(f"{problem['code']}: {problem['message']}") from None
            time.sleep(float(refusal.headers.get("Retry-After", "1")))
    raise AssertionError("unreachable")


def main(arguments):
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    server, topic, *payloads = arguments
    events = [{"type": topic, "payload": json.loads(payload)} for payload in payloads]
    try:
        accepted = publish(server, topic, events, os.environ.get("MILLRACE_TOKEN"))
    except RuntimeError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except urllib.error.URLError as unreachable:
        print(f"{server} cannot be reached: {unreachable.reason}", file=sys.stderr)
        return 69
    print(f"accepted {accepted}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
