"""The command line: `localfed`."""

from __future__ import annotations

import click

from localfed import __version__
from localfed.server.commands.checking import resolve, status, verify
from localfed.server.commands.claiming import claim
from localfed.server.commands.contacting import contact
from localfed.server.commands.enquiring import enquiries
from localfed.server.commands.exchanging import exchange
from localfed.server.commands.following import follow, mirrors_, search_, sync_, unfollow
from localfed.server.commands.hosting import organisations_
from localfed.server.commands.importing import import_
from localfed.server.commands.keys import close, keys, move
from localfed.server.commands.matching import matches_
from localfed.server.commands.messaging import inbox, outbox, send
from localfed.server.commands.moderation import block, blocks, quota, unblock
from localfed.server.commands.noticing import notices_
from localfed.server.commands.own import init, list_, publish, show, withdraw
from localfed.server.commands.partnering import partner
from localfed.server.commands.picturing import pictures
from localfed.server.commands.placing import places
from localfed.server.commands.reporting import report
from localfed.server.commands.serving import demo, serve
from localfed.server.commands.standing import clock, evidence, restored


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="localfed", message="%(prog)s %(version)s")
def main() -> None:
    """LocalFed: a local marketplace that nobody owns.

    Every command works while the node runs. Exit codes: 0 done, 1 refused, 2 wrong usage.
    """


for _command in (
    init,
    organisations_,
    serve,
    publish,
    withdraw,
    show,
    pictures,
    list_,
    claim,
    contact,
    follow,
    unfollow,
    block,
    unblock,
    blocks,
    quota,
    mirrors_,
    sync_,
    search_,
    places,
    matches_,
    import_,
    send,
    inbox,
    outbox,
    enquiries,
    partner,
    notices_,
    exchange,
    report,
    verify,
    resolve,
    status,
    keys,
    move,
    close,
    evidence,
    restored,
    clock,
    demo,
):
    main.add_command(_command)
