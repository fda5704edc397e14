"""Takes mails apart with Python's email package: lines of base64 in, for each a line of JSON out."""

import base64
import email
import json
import sys


def parts_of(message):
    if message.is_multipart():
        return [part for child in message.get_payload() for part in parts_of(child)]
    payload = message.get_payload(decode=True) or b""
    return [
        {
            "type": message.get_content_type(),
            "charset": message.get_param("charset"),
            "bytes": base64.b64encode(payload).decode(),
        }
    ]


for line in sys.stdin:
    message = email.message_from_bytes(base64.b64decode(line))
    print(
        json.dumps(
            {
                "fields": [[name.lower(), str(value)] for name, value in message.items()],
                "parts": parts_of(message),
                "defects": [type(defect).__name__ for part in message.walk() for defect in part.defects],
            }
        )
    )
