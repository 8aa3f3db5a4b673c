"""enquiries list, show, done, withdraw, test-mail; and from a visitor's browser to a mailbox, with real processes."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from aiosmtpd.controller import Controller

from mail_servers import Mailbox

LISTED = {
    "type": "Organization",
    "listed": True,
    "name": "Chapel Hall",
    "source": {"name": "Noticeboard"},
}


@pytest.fixture
def post_office(free_port):
    """A real mail server in a thread of its own."""
    mailbox = Mailbox()
    mailbox.port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    yield mailbox
    controller.stop()


def set_mail(folder, port, **changes):
    settings = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "smtp_sender": "node@grocer.example",
        **changes,
    }
    file = folder.folder / "node.toml"
    kept = [line for line in file.read_text().splitlines() if not line.startswith("smtp_")]
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    file.write_text("\n".join(kept + lines) + "\n")


def post(url, value):
    request = urllib.request.Request(
        url, json.dumps(value).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_tray_is_listed_shown_and_emptied(localfed, node, serve):
    grocer = node()
    box = localfed(
        "publish", "--data", grocer, "-", stdin='{"type":"Offer","name":"Box"}'
    ).stdout.strip()
    hall = localfed("publish", "--data", grocer, "-", stdin=json.dumps(LISTED)).stdout.strip()
    serve(grocer)
    asked = {
        "about": box,
        "text": "For one?\n\x1b[31mred",
        "name": "Ann",
        "reply_to": "ann@mail.example",
    }
    assert post(grocer.url + "/api/v1/enquiries", asked) == {"way": "tray"}
    correction = {"about": hall, "text": "Take us off", "kind": "correction"}
    assert post(grocer.url + "/api/v1/enquiries", correction) == {"way": "tray"}

    first, second = localfed("enquiries", "--data", grocer, "--json").json()
    text = localfed("enquiries", "show", "--data", grocer, first["number"])

    assert (first["kind"], first["state"], first["about"]) == ("question", "tray", box)
    assert (first["text"], first["reply_to"]) == ("For one?\n[31mred", "ann@mail.example")
    assert "ann@mail.example" in text.stdout
    assert "\x1b" not in text.stdout
    done = localfed("enquiries", "done", "--data", grocer, first["number"], "--json").json()
    assert done == {"number": first["number"], "deleted": True}
    wrong = localfed("enquiries", "withdraw", "--data", grocer, first["number"])
    assert (wrong.exit_code, "unknown-enquiry" in wrong.stderr) == (1, True)
    gone = localfed("enquiries", "withdraw", "--data", grocer, second["number"], "--json").json()
    assert gone == {"id": hall, "withdrawn": True}
    assert localfed("enquiries", "list", "--data", grocer, "--json").json() == []
    assert hall not in localfed("list", "--data", grocer, "--json").stdout


def test_a_question_is_mailed_and_a_lister_withdraws_with_one_click(
    localfed, node, serve, ask, post_office
):
    grocer = node()
    hall = localfed("publish", "--data", grocer, "-", stdin=json.dumps(LISTED)).stdout.strip()
    localfed("contact", "set", "--data", grocer, "--email", "office@grocer.example")
    set_mail(grocer, post_office.port)
    assert localfed("enquiries", "test-mail", "--data", grocer, "--json").json() == {
        "to": "office@grocer.example",
        "taken": True,
    }
    process = serve(grocer)
    correction = {"about": hall, "text": "Nobody asked us, take us off", "kind": "correction"}

    assert post(grocer.url + "/api/v1/enquiries", correction) == {"way": "mail"}
    wait_for(lambda: len(post_office.mails) == 2)

    mail = post_office.mails[1]
    link = re.search(r"http://localhost:\d+/withdraw/\S+", mail.get_content())[0]
    assert "Nobody asked us" in mail.get_content()
    assert b"Chapel Hall" in ask(link)
    urllib.request.urlopen(urllib.request.Request(link, b"", method="POST"), timeout=10).close()
    assert hall not in localfed("list", "--data", grocer, "--json").stdout
    with pytest.raises(urllib.error.HTTPError) as over:
        urllib.request.urlopen(link, timeout=10)
    over.value.close()
    assert over.value.code == 410
    process.terminate()
    _, log = process.communicate(timeout=20)
    for secret in ("Nobody asked us", "office@", link.rpartition("/")[2], "127.0.0.1"):
        assert secret not in log


def test_the_password_comes_from_a_file_or_the_environment_and_is_shown_nowhere(
    localfed, node, tmp_path, monkeypatch, post_office
):
    grocer = node()
    localfed("contact", "set", "--data", grocer, "--email", "office@grocer.example")
    secret = tmp_path / "password"
    secret.write_text("let me in\n")
    set_mail(grocer, post_office.port, smtp_user="node", smtp_password_file=str(secret))

    by_file = localfed("enquiries", "test-mail", "--data", grocer)
    secret.unlink()
    without = localfed("enquiries", "test-mail", "--data", grocer)
    monkeypatch.setenv("LOCALFED_SMTP_PASSWORD", "wrong word")
    by_environment = localfed("enquiries", "test-mail", "--data", grocer)

    # This server knows no logins: the password is not even offered to it.
    for result in (by_file, by_environment):
        assert (result.exit_code, "mail-not-taken" in result.stderr) == (1, True)
    assert "smtp_password_file" in without.stderr
    for result in (by_file, without, by_environment):
        assert "let me in" not in result.stdout + result.stderr
        assert "wrong word" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"smtp_sender": ""}, "smtp_sender"),
        ({"smtp_sender": "node@grocer.example\nBcc: b@c.example"}, "smtp_sender"),
        ({"smtp_security": "maybe"}, "smtp_security"),
        ({"smtp_port": 70_000}, "smtp_port"),
        ({"smtp_host": "mail.grocer.example", "smtp_user": "node"}, "without protection"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_in_words(localfed, node, changes, words):
    grocer = node()
    set_mail(grocer, 25, **changes)

    refused = localfed("status", "--data", grocer)

    assert refused.exit_code == 1
    assert "bad-file" in refused.stderr
    assert words in refused.stderr
