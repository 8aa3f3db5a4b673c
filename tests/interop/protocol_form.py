"""Makes a document of a listed record and puts it through the protocol's own checks.

Here: what importing tests ask of every record. Not here: signing; the checks of form need none.
"""

from __future__ import annotations

from localfed.interop.records import ListedRecord
from localfed.protocol import canonical
from localfed.protocol.document import CONTEXT, DEFAULT_LICENSE, convert
from localfed.protocol.forms import Source
from localfed.protocol.organisation import Organization, check_organisation

PATH = "d/aaaaaaaaaaaaaaaaaaaaaaaaaa.json"


def document_of(record: ListedRecord, source: Source) -> Organization:
    """The record as a follower would read it; raises what the protocol raises."""
    value = {
        "@context": CONTEXT,
        "id": f"did:webvh:QmTest:example.org/{PATH}",
        "type": "Organization",
        "issuer": "did:webvh:QmTest:example.org",
        "revision": 1,
        "updated": "2026-01-01T00:00:00Z",
        "expires": "2026-03-01T00:00:00Z",
        "assured": "2026-01-01T00:00:00Z",
        "license": DEFAULT_LICENSE,
        "listed": True,
        "name": record.name,
        "category": list(record.category),
        "keywords": list(record.keywords),
        "identifier": [{"scheme": i.scheme, "number": i.number} for i in record.identifier],
        "location": [_place(place) for place in record.places],
        "source": _filled(
            name=source.name,
            url=source.url,
            edition=source.edition,
            license=source.license,
            record=record.key,
        ),
    } | _filled(description=record.description, url=record.url, legalForm=record.legal_form)
    # The way of a stranger's bytes: characters, values and canonical form are all checked.
    received = canonical.parse(canonical.encode(value))
    organisation = convert(received, Organization)
    check_organisation(organisation, PATH)
    return organisation


def _place(place):
    address = _filled(
        streetAddress=place.street,
        addressLocality=place.locality,
        addressRegion=place.region,
        postalCode=place.postal_code,
        addressCountry=place.country,
    )
    return _filled(
        name={"und": place.name} if place.name else None,
        address=address or None,
        latitude=place.latitude,
        longitude=place.longitude,
    )


def _filled(**members):
    return {name: member for name, member in members.items() if member is not None}
