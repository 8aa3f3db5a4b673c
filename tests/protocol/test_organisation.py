"""The organisation: its own word, and what others list."""

from __future__ import annotations

import pytest

from localfed.protocol.document import CONTEXT
from localfed.protocol.errors import WrongPath, WrongShape
from localfed.protocol.forms import Place, Source
from localfed.protocol.organisation import Network, Organization, check_organisation

RECORD = f"d/{'a' * 26}.json"


def organisation(**members):
    return Organization(
        context=CONTEXT,
        id="x",
        type="Organization",
        issuer="x",
        revision=1,
        updated="2026-05-02T09:30:00Z",
        expires="2026-10-01T00:00:00Z",
        assured="2026-05-02T09:30:00Z",
        license="https://creativecommons.org/licenses/by/4.0/",
        name={"en": "The Grocer"},
        **members,
    )


@pytest.mark.parametrize(
    "listed, path, is_good",
    [
        (False, "org.json", True),
        (True, RECORD, True),
        (True, "org.json", False),
        (False, RECORD, False),
        (True, "x/hall.json", False),
        (False, "x/hall.json", False),
        (True, f"p/Qm{'1' * 44}.json", False),
    ],
)
def test_the_own_record_and_the_listed_ones_have_their_places(listed, path, is_good):
    """LF-ORG-2, LF-ORG-3."""
    one = organisation(listed=listed)

    if is_good:
        check_organisation(one, path)
    else:
        with pytest.raises(WrongPath):
            check_organisation(one, path)


def test_only_a_listed_record_has_a_source():
    """LF-ORG-4."""
    source = Source(name="Register of halls")
    check_organisation(organisation(listed=True, source=source), RECORD)

    with pytest.raises(WrongShape):
        check_organisation(organisation(source=source), "org.json")


def test_places_of_an_organisation_are_checked():
    """LF-FORM-9."""
    with pytest.raises(WrongShape):
        check_organisation(organisation(location=(Place(),)), "org.json")


def test_a_network_is_somebody_else():
    """LF-ORG-6."""
    check_organisation(organisation(member_of=(Network(name="N", organisation="y"),)), "org.json")

    with pytest.raises(WrongShape, match="somebody else"):
        check_organisation(
            organisation(member_of=(Network(name="N", organisation="x"),)), "org.json"
        )
