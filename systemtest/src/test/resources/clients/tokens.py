"""What a program in Python does about tokens, with the library that everybody has.

    tokens.py seal KEY TEXT            prints a Fernet token of TEXT
    tokens.py open KEY TOKEN           prints what the token holds
    tokens.py check SECRET SIG PAYLOAD prints "sound" if SIG signs the JSON text PAYLOAD
"""

import base64
import hashlib
import hmac
import json
import sys

from cryptography.fernet import Fernet


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def check(secret, sig, payload):
    signed, mac = sig.rsplit(".", 1)
    expected = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    assert hmac.compare_digest(expected, decoded(mac)), "signed with another secret"
    claims = json.loads(decoded(signed.split(".")[1]))
    text = json.dumps(json.loads(payload), sort_keys=True).encode()
    assert claims["sub"] == "ws_message", claims
    assert claims["hash"] == hashlib.sha256(text).hexdigest(), "another payload"
    return "sound"


what, *arguments = sys.argv[1:]
if what == "seal":
    print(Fernet(arguments[0]).encrypt(arguments[1].encode()).decode())
elif what == "open":
    print(Fernet(arguments[0]).decrypt(arguments[1].encode()).decode())
else:
    print(check(*arguments))
