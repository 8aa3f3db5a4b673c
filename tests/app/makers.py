"""Making what tests of use cases begin with: long lists, a second organisation. Not here: any test."""

from __future__ import annotations

from localfed.app import organisations
from localfed.app.imports import import_table
from localfed.interop.csv_table import read_csv
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.store.keyfiles import KeyFiles


def table(count, word="Shop"):
    """A table of so many organisations, read."""
    rows = "".join(f"{n},{word} {n},Retail\n" for n in range(count))
    return read_csv(
        ("Identifier,Name,Sector\n" + rows).encode(), file_name="shops.csv", mapping=None
    )


async def import_many(node, count, word="Shop"):
    """Publish so many records as one change."""
    await import_table(node.ports, node.did, table(count, word), withdraw_missing=True)


async def host_another(node, url, name="Second"):
    """Host a second organisation on a node; returns its DID."""
    kit, key = Kit(b"k" * 32), SigningKey(name.encode().ljust(32))
    new = organisations.new_identity(kit, key, url=url, now=node.clock.now(), allow_loopback=False)
    KeyFiles(node.folder).create(new.did, key.seed)
    await organisations.host(
        node.ports, new, name=name, language="cy", url=url, allow_loopback=False
    )
    return new.did
