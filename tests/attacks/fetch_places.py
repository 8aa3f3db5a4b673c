"""Places that a URL, a head or a log may name, and what a server may say of a file: tables for `test_fetch`.

Here: URLs that are odd elsewhere than in their host (those are in `fetch_peers`), paths of an inbox, homes in a
log, tags. Not here: any attack.
"""

from __future__ import annotations

from typing import Any

from attacks.lies import Edit

ODD_URLS = {
    "a user": "https://user@evil.example/",
    "a user and a password": "https://user:secret@evil.example/",
    "nobody, but the sign": "https://@evil.example/",
    "a user who looks like a host": "https://friend.example@evil.example/",
    "a sign in percent": "https://friend.example%40evil.example/",
    "the port of mail": "https://evil.example:25/",
    "the port of a store of others": "https://evil.example:6379/",
    "no port at all": "https://evil.example:/",
    "port nought": "https://evil.example:0/",
    "a port one turn of the counter later": "https://evil.example:65979/",
    "a port below nought": "https://evil.example:-443/",
    "a port by its name": "https://evil.example:https/",
    "a port in full width": "https://evil.example:４４３/",
    "two ports": "https://evil.example:443:80/",
    "a line feed and a field": "https://evil.example/\r\nHost: inside",
    "a line feed at the end": "https://evil.example/\n",
    "a tab in the scheme": "ht\ttps://evil.example/",
    "a tab in the host": "https://evil\t.example/",
    "a blank in the host": "https://evil .example/",
    "a blank before it": " https://evil.example/",
    "an end of text": "https://evil.example/\x00.png",
    "a backslash before the host": "https:\\\\evil.example\\",
    "a backslash that ends the host": "https://friend.example\\@evil.example/",
    "no slashes": "https:evil.example",
    "one slash": "https:/evil.example/",
    "three slashes": "https:///evil.example/",
    "no scheme": "//evil.example/",
    "two hosts": "https://friend.example,evil.example/",
    "an empty label": "https://evil..example/",
    "a point in front": "https://.evil.example/",
    "a point behind": "https://evil.example./",
    "a label too long": "https://" + "e" * 64 + ".example/",
    "a name too long": "https://" + "evil." * 60 + "example/",
    "a name of lines below": "https://evil_one.example/",
    "a name that begins like an option": "https://-oProxy.example/",
    "a name in brackets": "https://[evil.example]/",
    "a bracket that never ends": "https://[2606:4700::1111/",
    "an address of a version to come": "https://[v1.evil]/",
    "an address of IPv6 of the internet": "https://[2606:4700::1111]/",
    "an address of the internet": "https://93.184.215.14/",
    "half a percent": "https://evil.example/%4",
    "a percent of nothing": "https://evil.example/%zz",
    "a name in percent": "https://%65vil.example/",
    "a name in letters": "https://évil.example/",
    "a name with nothing in it": "https://ev\u200bil.example/",
    "a name that turns round": "https://evil\u202e.example/",
    "a full stop of elsewhere": "https://evil。example/",
    "a template": "https://evil.example/{base}",
    "a quote": 'https://evil.example/"><script>',
    "a page without end": "https://evil.example/" + "a" * 4_000,
    "no encryption": "http://evil.example/",
    "a file": "file:///etc/passwd",
    "a file of another": "file://evil.example/etc/passwd",
    "FTP": "ftp://evil.example/",
    "a socket": "wss://evil.example/",
    "a jar": "jar:https://evil.example!/",
    "a script": "javascript:alert(1)",
    "data": "data:text/plain,https://evil.example/",
    "a scheme in a scheme": "https://https://evil.example/",
    "nothing": "",
}
"""URLs that no part of a node may ask for, whoever wrote them; a socket or a lookup would show."""

FORGIVEN = {
    "a point behind",
    "a blank before it",
    "a line feed at the end",
    "half a percent",
    "a percent of nothing",
    "a name in letters",
    "a name with nothing in it",
    "a full stop of elsewhere",
    "a template",
    "a quote",
    "no port at all",
}
"""What somebody who types may do: it is written as it should be, or refused, and means one place only."""

INBOXES: dict[str, Any] = {
    "another host": "https://evil.example/inbox",
    "another host by two slashes": "//evil.example/inbox",
    "an address inside": "http://169.254.169.254/latest/",
    "a path from the root": "/inbox",
    "a way up": "../inbox",
    "a way up in the middle": "inbox/../../admin",
    "a way up in percent": "inbox/%2e%2e/admin",
    "a host behind a sign": "@evil.example/",
    "a port": ":6379/",
    "the rest of a host": ".evil.example/",
    "a backslash": "\\\\evil.example\\inbox",
    "a question": "inbox?delete=all",
    "a fragment": "inbox#here",
    "a line feed": "inbox\r\nX-Admin: 1",
    "a line feed at the end": "inbox\n",
    "a blank": "in box",
    "letters": "postfäch",
    "a scheme": "javascript:alert(1)",
    "a folder too deep": "a/b/c/d/e/f",
    "far too long": "i" * 201,
    "nothing": "",
    "a number": 7,
    "several": ["inbox", "https://evil.example/"],
    "an object": {"url": "https://evil.example/"},
}
"""What a head may say of its inbox that is no path under its own BASE."""

PLACES = {
    "loopback": "https://127.0.0.1/",
    "this machine": "http://localhost/",
    "this machine, another port": "http://localhost:8080/",
    "the metadata of clouds": "http://169.254.169.254/",
    "a private network": "https://10.0.0.1/",
    "IPv4 in IPv6": "https://[::ffff:10.0.0.1]/",
    "one number": "https://2130706433/",
    "a neighbour": "https://printer.local/",
    "a name of one word": "https://intranet/",
    "a hidden service": "https://abcdefghij.onion/",
    "a user": "https://admin@moved.example/",
    "another port": "https://moved.example:6379/",
    "no encryption": "http://moved.example/",
    "another scheme": "ftp://moved.example/",
    "a file": "file:///etc/",
    "no slash at the end": "https://moved.example",
    "a way up": "https://moved.example/a/../b/",
    "a question": "https://moved.example/?x=/",
    "a fragment": "https://moved.example/#/",
    "a line feed": "https://moved.example/\r\nX: y/",
    "a backslash": "https://moved.example\\@10.0.0.1/",
    "capitals": "https://MOVED.example/",
    "a name in letters": "https://mövéd.example/",
    "nothing": "",
    "a number": 7,
    "several": ["https://moved.example/", "https://10.0.0.1/"],
}
"""Homes that an owner may write into the log, by which every reader is led."""


def moving(place: Any, did: str | None) -> Edit:
    """Let an entry say that the files are there now; `did` as well, or else the host stays and only the files go."""

    def edit(entry: dict[str, Any]) -> None:
        before = entry["state"]["id"]
        for service in entry["state"]["service"]:
            service["serviceEndpoint"] = place
        if did is not None:
            entry["state"] |= {"id": did, "alsoKnownAs": [before]}

    return edit


TAGS = {
    "without quotes": b"head",
    "a quote that never ends": b'"head',
    "far too long": b'"' + b"x" * 6_000 + b'"',
    "empty": b'""',
    "a star": b"*",
    "a list": b'"a", "b"',
    "a weak one": b'W/"a"',
    "letters": '"é"'.encode(),
    "bytes that are no text": b'"\xff\xfe"',
    "a control": b'"a\x07b"',
    "a tab": b'"a\tb"',
    "another field": b'"a"; If-Match: *',
}
"""What a server may call the state of a file by."""
