"""A process that works on a town until it is killed: says on stdout what is done, once it is on disk.

Run by `test_machine`: `python machine_process.py FOLDER TOWN WORK`. TOWN is JSON: who has which DID, key and kit.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2] / "spec" / "vectors")]

if "LOCALFED_FAULT" in os.environ:
    from attacks.seeded import plugin

    plugin.pytest_configure()

from attacks.frame import PEOPLE  # noqa: E402 - a fault is planted before anything else is imported
from attacks.lies import letter, message  # noqa: E402
from federation import Federation, Node  # noqa: E402
from localfed.app import inbox  # noqa: E402
from localfed.protocol.keys import SigningKey  # noqa: E402
from localfed.protocol.kit import Kit  # noqa: E402


def say(done: str) -> None:
    sys.stdout.write(done + "\n")
    sys.stdout.flush()


async def publish(nodes: dict[str, Node]) -> None:
    """Publish one after the other."""
    for number in range(1_000):
        say(await nodes["victim"].publish({"type": "Offer", "name": f"Offer {number}"}))


async def withdraw(nodes: dict[str, Node]) -> None:
    """Publish and withdraw; what is said is withdrawn."""
    for number in range(1_000):
        one = await nodes["victim"].publish({"type": "Offer", "name": f"Offer {number}"})
        await nodes["victim"].withdraw(one)
        say(one)


async def receive(nodes: dict[str, Node]) -> None:
    """Take messages of somebody followed, as many as fit the tray; what is said is its text."""
    victim, friend = nodes["victim"], nodes["friend"]
    log = friend.file("/did.jsonl") or b""
    for number in range(inbox.WAITING_OF_ONE_FOLLOWED):
        text = f"Question {number}"
        name = f"{number:026}".translate(str.maketrans("0189", "abcd"))
        said = {"text": {"en": text}, "id": f"{friend.did}/messages/{name}.json"}
        outcome = await inbox.receive(victim.ports, letter(log, message(friend, victim, **said)))
        assert outcome is inbox.Outcome.KEPT, outcome
        say(text)


async def read(nodes: dict[str, Node]) -> None:
    """Read what a friend publishes; what is said is held."""
    victim, friend = nodes["victim"], nodes["friend"]
    for number in range(1_000):
        victim.clock.advance(seconds=2)
        one = await friend.publish({"type": "Offer", "name": f"Offer {number}"})
        await victim.sync(friend)
        say(one)


WORK = {one.__name__: one for one in (publish, withdraw, receive, read)}


def main() -> None:
    folder, town = Path(sys.argv[1]), json.loads(sys.argv[2])
    federation = Federation(folder)
    federation.clock.moment = datetime.fromisoformat(town["moment"])
    nodes = {}
    for seed, name in enumerate(PEOPLE, start=31):
        node = Node(federation, folder / name, f"{name}.example", seed=seed)
        did, key, kit = town["nodes"][node.host]
        node.did, node.key, node.kit = did, SigningKey(bytes.fromhex(key)), Kit(bytes.fromhex(kit))
        federation.network.nodes[node.host] = node
        nodes[name] = node
    asyncio.run(WORK[sys.argv[3]](nodes))


if __name__ == "__main__":
    main()
