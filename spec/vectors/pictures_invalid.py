"""Documents that are wrong in what section 5.2 says of pictures.

Here: a table of cases, each as `(rule, code, document)`, and a picture that is right. Not here: all other
wrong documents (`documents_invalid.py`), bytes of pictures: none come with a document.
"""

from __future__ import annotations

from typing import Any

from forge_document import Json, offer, own
from listings_invalid import Wrong

from localfed.protocol.digest import digest


def picture(ending: str = "jpg", *, of: bytes = b"a picture", **changes: Any) -> Json:
    """Give an image, changed; a member that is `...` is left out. No bytes come with a document."""
    name = digest(of)
    everything = {
        "path": f"m/{name}.{ending}",
        "digest": name,
        "bytes": 48_213,
        "width": 1_200,
        "height": 800,
        "alt": {"en": "A wooden box, full of leeks and carrots"},
        **changes,
    }
    return {name: value for name, value in everything.items() if value is not ...}


def _picture(rule: str, ending: str = "jpg", **changes: Any) -> Wrong:
    return rule, "wrong-shape", offer(image=[picture(ending, **changes)])


def pictures() -> dict[str, Wrong]:
    """Give the cases of pictures by their names."""
    other = digest(b"another picture")
    return {
        "picture-without-alt": _picture("LF-IMG-1", alt=...),
        "picture-alt-a-string": _picture("LF-IMG-1", alt="A box"),
        "picture-alt-of-nothing": _picture("LF-IMG-1", alt={"en": ""}),
        "picture-without-path": _picture("LF-IMG-1", path=...),
        "picture-without-bytes": _picture("LF-IMG-1", bytes=...),
        "picture-an-svg": _picture("LF-IMG-1", "svg"),
        "picture-a-gif": _picture("LF-IMG-1", "gif"),
        "picture-ending-in-capitals": _picture("LF-IMG-1", "JPG"),
        "picture-of-two-endings": _picture("LF-IMG-1", "html.jpg"),
        "picture-elsewhere": _picture("LF-IMG-1", path="https://elsewhere.example/box.jpg"),
        "picture-in-the-folder-above": _picture("LF-IMG-1", path=f"m/../{other}.jpg"),
        "picture-path-with-line-feed": _picture("LF-IMG-1", path=f"m/{other}.jpg\n"),
        "picture-of-no-bytes": _picture("LF-IMG-1", bytes=0),
        "picture-too-heavy": _picture("LF-IMG-1", bytes=524_289),
        "picture-bytes-a-string": _picture("LF-IMG-1", bytes="48213"),
        "picture-of-no-width": _picture("LF-IMG-1", width=0),
        "picture-too-wide": _picture("LF-IMG-1", width=4_097, height=1),
        "picture-too-high": _picture("LF-IMG-1", height=4_097, width=1),
        "picture-of-another-digest": _picture("LF-IMG-2", digest=other),
        "picture-at-another-digest": _picture("LF-IMG-2", path=f"m/{other}.jpg"),
        "picture-of-too-many-points": _picture("LF-IMG-3", width=4_096, height=1_025),
        "picture-twice": ("LF-IMG-3", "wrong-shape", offer(image=[picture(), picture()])),
        "six-pictures": (
            "LF-FORM-12",
            "wrong-shape",
            offer(image=[picture(of=bytes([number])) for number in range(6)]),
        ),
        "image-not-an-array": ("LF-LIST-1", "wrong-shape", offer(image=picture())),
    }


def logos() -> dict[str, Wrong]:
    """Give the cases of signs of organisations by their names."""
    return {
        "logo-an-array": ("LF-ORG-1", "wrong-shape", own(logo=[picture()])),
        "logo-a-url": ("LF-ORG-1", "wrong-shape", own(logo="https://grocer.example/logo.png")),
        "logo-of-another-digest": (
            "LF-IMG-2",
            "wrong-shape",
            own(logo=picture(digest=digest(b"another picture"))),
        ),
    }
