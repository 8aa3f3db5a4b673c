"""serve: one process in the foreground; how it begins, ends, and what it survives."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import msgspec
import pytest

from localfed import __version__
from localfed.server.serve import tell_of_map
from localfed.web.ground import PLAIN
from web.maps_made import write_map

OFFER = '{"type":"Offer","name":"Veg box"}'


def run_serve(folder, *options):
    """Run `serve` until it ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "localfed", "serve", "--data", str(folder), *options],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_it_says_one_line_when_it_answers(node, serve, ask):
    grocer = node()

    serve(grocer)

    assert ask(grocer.url + "/head.json")["issuer"] == grocer.did
    assert b"Grocer" in ask(grocer.url + "/")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to_and_well(node, serve, number):
    process = serve(node())

    process.send_signal(number)
    out, error = process.communicate(timeout=20)

    assert process.returncode == 0
    assert out == "", "the ready line was all"
    assert "Traceback" not in error


def test_a_second_serve_of_the_same_folder_is_refused(localfed, node, serve, ask):
    grocer = node()
    first = serve(grocer)

    second = run_serve(grocer, "--port", "0")

    assert (second.returncode, second.stdout) == (1, "")
    assert "localfed: already-serving:" in second.stderr
    assert str(first.pid) in second.stderr
    assert ask(grocer.url + "/head.json")
    assert localfed("publish", "--data", grocer, "-", stdin=OFFER).exit_code == 0


def test_a_port_that_is_taken_is_named(node, tmp_path):
    grocer = node()
    port = int(grocer.url.rsplit(":", 1)[1])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        done = run_serve(grocer)

    assert (done.returncode, done.stdout) == (1, "")
    assert "localfed: bad-file:" in done.stderr
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["no such host", "203.0.113.7"])
def test_an_address_that_is_not_this_machines_is_refused(node, host):
    done = run_serve(node(), "--host", host)

    assert (done.returncode, done.stdout) == (1, "")
    assert "localfed: " in done.stderr
    assert "Traceback" not in done.stderr


def test_port_zero_finds_one_and_says_which(node, serve, free_port):
    grocer = node()
    process = subprocess.Popen(
        [sys.executable, "-m", "localfed", "serve", "--data", str(grocer), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = process.stdout.readline()
        port = int(line.split("http://localhost:")[1].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    finally:
        process.terminate()
        process.communicate(timeout=20)

    assert str(port) != grocer.url.rsplit(":", 1)[1]
    assert process.returncode == 0


def test_a_node_that_was_killed_serves_the_same_again(localfed, node, serve, ask):
    """Promise 1: what was acknowledged is on disk."""
    grocer = node()
    process = serve(grocer)
    offers = [
        localfed("publish", "--data", grocer, "-", stdin=OFFER).stdout.strip() for _ in range(5)
    ]
    head = ask(grocer.url + "/head.json")

    process.kill()
    process.wait(20)
    serve(grocer)

    assert ask(grocer.url + "/head.json") == head
    for offer in offers:
        path = offer.removeprefix(grocer.did + "/")
        assert ask(f"{grocer.url}/{path}")["id"] == offer
    found = ask(f"{grocer.url}/api/v1/search?q=veg", until=lambda one: len(one["results"]) == 5)
    assert {one["id"] for one in found["results"]} == set(offers)


def test_a_node_that_is_killed_while_it_publishes_keeps_every_id_it_printed(
    localfed, node, serve, ask
):
    """Promise 1, with commands that are killed at any moment."""
    grocer = node()
    printed = []
    for number in range(6):
        process = subprocess.Popen(
            [sys.executable, "-m", "localfed", "publish", "--data", str(grocer), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        process.stdin.write(OFFER)
        process.stdin.close()
        time.sleep(0.25 + number * 0.07)
        process.kill()
        printed += process.stdout.read().split()
        process.wait(20)
        process.stdout.close()

    listed = {row["id"] for row in localfed("list", "--data", grocer, "--json").json()}
    assert set(printed) <= listed
    serve(grocer)
    head = ask(grocer.url + "/head.json")
    rows = [entry for entry in ask(f"{grocer.url}/{head['page']}")["entries"] if entry[1] == "put"]
    assert {f"{grocer.did}/{entry[2]}" for entry in rows} == listed
    assert head["seq"] == rows[-1][0]


def test_the_index_is_made_anew_where_it_was_deleted(localfed, node, serve, ask):
    import shutil

    grocer = node()
    offer = localfed("publish", "--data", grocer, "-", stdin=OFFER).stdout.strip()
    shutil.rmtree(grocer.folder / "index")

    serve(grocer)

    found = ask(f"{grocer.url}/api/v1/search?q=veg", until=lambda one: one["results"])
    assert [one["id"] for one in found["results"]] == [offer]


def test_what_withdraws_while_it_serves_answers_404_at_once(localfed, node, serve, ask):
    """LF-WRITE-8."""
    grocer = node()
    offer = localfed("publish", "--data", grocer, "-", stdin=OFFER).stdout.strip()
    serve(grocer)
    url = f"{grocer.url}/{offer.removeprefix(grocer.did + '/')}"
    assert ask(url)["id"] == offer

    localfed("withdraw", "--data", grocer, offer)

    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError) as caught, urllib.request.urlopen(url, timeout=5):
        pass
    caught.value.close()
    assert caught.value.code == 404
    page = ask(f"{grocer.url}/{ask(grocer.url + '/head.json')['page']}")
    assert page["entries"][-1][1:] == ["delete", offer.removeprefix(grocer.did + "/")]


def test_status_says_the_same_while_it_serves(localfed, node, serve):
    grocer = node()
    before = localfed("status", "--data", grocer, "--json").stdout

    serve(grocer)
    time.sleep(1)

    assert localfed("status", "--data", grocer, "--json").stdout == before
    assert json.loads(before)["counts"]["publishers_hosted"] == 1


def test_a_version_of_the_widget_that_was_served_once_is_served_for_ever(node, serve, ask):
    grocer = node()
    earlier = grocer.folder / "widget" / "0.0.9"
    earlier.mkdir(parents=True)
    (earlier / "localfed-directory.js").write_bytes(b"export const old = 1;")
    (grocer.folder / "widget" / "notes").mkdir()

    serve(grocer)
    said = ask(grocer.url + "/widget/versions.json")

    assert [one["version"] for one in said["versions"]] == [__version__, "0.0.9"]
    assert ask(grocer.url + "/widget/0.0.9/localfed-directory.js") == b"export const old = 1;"
    kept = grocer.folder / "widget" / __version__ / "localfed-directory.js"
    assert ask(said["versions"][0]["url"].replace("https://", "http://")) == kept.read_bytes()


def test_a_node_serves_also_where_it_cannot_keep_the_widget(node, serve, ask):
    grocer = node()
    (grocer.folder / "widget").write_text("a file is in the way")

    serve(grocer)

    [one] = ask(grocer.url + "/widget/versions.json")["versions"]
    assert one["version"] == __version__


def test_the_map_file_that_the_environment_names_is_under_the_points(
    node, serve, ask, tmp_path, monkeypatch
):
    grocer = node()
    path = write_map(tmp_path / "map.pmtiles", zoom=1)
    monkeypatch.setenv("LOCALFED_MAP_FILE", str(path))

    serve(grocer)

    assert ask(grocer.url + "/map.pmtiles") == path.read_bytes()
    tiles = ask(grocer.url + "/api/v1/map")["tiles"]
    assert (tiles["kind"], tiles["url"]) == ("file", "/map.pmtiles")


def test_a_map_file_that_is_not_there_is_named_in_the_log_and_the_node_serves(
    node, serve, ask, monkeypatch
):
    grocer = node()
    monkeypatch.setenv("LOCALFED_MAP_FILE", "/no/such/map.pmtiles")

    process = serve(grocer)

    assert ask(grocer.url + "/api/v1/map")["tiles"]["kind"] == "plain"
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=20)
    assert "/no/such/map.pmtiles cannot be read: no such file" in error


def test_settings_of_the_map_that_contradict_each_other_are_named_at_the_start(node, monkeypatch):
    grocer = node()
    monkeypatch.setenv("LOCALFED_MAP_TILES", "https://tile.example/{z}/{x}/{y}.png")

    done = run_serve(grocer)

    assert (done.returncode, done.stdout) == (1, "")
    assert "localfed: bad-file:" in done.stderr
    assert "map_attribution" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("problem", ["", "the file is gone"])
@pytest.mark.parametrize("draws", [True, False])
def test_what_maps_lack_is_said_in_the_log_with_what_to_do(caplog, draws, problem):
    tell_of_map(msgspec.structs.replace(PLAIN, problem=problem), draws=draws)

    said = " ".join(record.getMessage() for record in caplog.records)
    assert ("pip install --force-reinstall" in said) == (not draws)
    assert ("the file is gone: the map has no ground" in said) == (draws and bool(problem))
    assert len(caplog.records) == int(not draws or bool(problem))
