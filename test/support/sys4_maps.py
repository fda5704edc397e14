"""The rules of sys4's destination maps, written from their description, with Python's own regular expressions.

Takes from standard input a list of {"maps": {NAME: [LINE]}, "domain": POLICY DOMAIN, "uris": [URI]}, and prints for each what the reports are
sent to.
"""

import json
import re
import sys
from urllib.parse import urlsplit


def matches(pattern, domain, text):
    if pattern.startswith("regexp:"):
        return re.match(pattern[len("regexp:"):], text) is not None
    name = pattern.removeprefix("domain:").lower()
    if name.startswith("."):
        return name == "." or domain.endswith(name)
    return domain == name


def acted(action, arguments, uris):
    if action == "ACCEPT":
        return uris
    if action == "DISCARD":
        return []
    if action == "REPLACE":
        return arguments
    if action == "APPEND":
        return uris + arguments
    assert action == "REGEXP"
    pattern, substitution = arguments
    return [re.sub(pattern, substitution, uri) for uri in uris]


def mapped(lines, domain, text, uris):
    for line in lines:
        if line.startswith("#"):
            continue
        pattern, action, *arguments = line.split()
        if matches(pattern, domain, text):
            return acted(action, arguments, uris)
    return uris


def host_of(uri):
    host = uri.rpartition("@")[2] if uri.startswith("mailto:") else urlsplit(uri).hostname
    return host.lower().removesuffix(".")


def destinations(case):
    maps, domain = case["maps"], case["domain"].lower().removesuffix(".")
    result = []
    for uri in mapped(maps.get("record", []), domain, domain, case["uris"]):
        scheme = uri.partition(":")[0]
        lines = maps.get({"mailto": "mail", "https": "https"}.get(scheme), [])
        result += mapped(lines, host_of(uri), uri, [uri]) if lines else [uri]
    return list(dict.fromkeys(result))


json.dump([destinations(case) for case in json.load(sys.stdin)], sys.stdout)
