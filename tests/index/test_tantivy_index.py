"""The index on disk: commits, several processes, damage; whatever happens, it can be built anew."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import localfed
from index.entries import DID, EDINBURGH, NOW, ask, entry, fill, names, wait_for
from localfed.app.values import Kind
from localfed.index import fields, tantivy_index
from localfed.index.damage import find_damage
from localfed.index.tantivy_index import TantivyIndex
from localfed.protocol.errors import IndexBroken

OTHER = Path(__file__).with_name("other_process.py")


@pytest.fixture
def start(folder):
    """`start(what)` starts another process at the same index; it is ended with the test."""
    processes = []

    def begin(what):
        places = [str(Path(localfed.__file__).parents[1]), str(OTHER.parent.parent)]
        process = subprocess.Popen(
            [sys.executable, str(OTHER), str(folder), what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(places)},
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def said(process):
    line = process.stdout.readline()
    assert line, f"it ended with {process.wait()}"
    return json.loads(line)


# --- commits ---------------------------------------------------------------------------------


def test_what_is_put_is_found_and_replaced_and_deleted(index):
    index.apply([entry("a", "Bread"), entry("b", "Bread")], [], 5)
    assert index.position() == 5
    assert set(names(ask(index, "bread"))) == {"a", "b"}

    index.apply([entry("a", "Honey", kind=Kind.NEED)], [(DID, "d/b.json")], 7)

    assert index.position() == 7
    assert ask(index, "bread").total == 0
    assert names(ask(index, "honey")) == ["a"]
    assert ask(index).kinds == {"need": 1}


def test_the_last_of_two_puts_of_one_document_counts(index):
    index.apply([entry("a", "Bread"), entry("a", "Honey")], [], 1)

    assert ask(index).total == 1
    assert names(ask(index, "honey")) == ["a"]


def test_a_commit_of_nothing_moves_the_position(index):
    fill(index, entry("a"), position=3)
    index.apply([], [], 9)

    assert index.position() == 9
    assert ask(index).total == 1


def test_everything_is_there_after_it_was_closed(index, folder):
    fill(index, entry("a", "Bread"), position=4)
    index.close()

    again = TantivyIndex.open(folder)

    assert again.position() == 4
    assert names(ask(again, "bread")) == ["a"]
    again.close()


def test_reset_empties_it(index):
    fill(index, entry("a"), position=4)
    index.reset()

    assert index.position() == 0
    assert ask(index).total == 0
    fill(index, entry("b"), position=1)
    assert names(ask(index)) == ["b"]


def test_many_small_commits_stay_few_segments(index):
    for number in range(40):
        index.apply([entry(f"d{number}")], [], number)

    assert ask(index).total == 40
    # Merged in the background, eight at a time.
    wait_for(lambda: ask(index).total == 40 and index._snapshot._searcher.num_segments <= 16)


def test_searches_go_on_while_it_is_written(index):
    fill(index, *(entry(f"d{n}", "Bread", points=[EDINBURGH]) for n in range(300)))
    faults = []

    def search():
        try:
            while not stop.is_set():
                assert ask(index, "bread", near=EDINBURGH, limit=10).total >= 300
        except BaseException as error:  # noqa: BLE001 - told to the test
            faults.append(error)

    stop = threading.Event()
    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(15):
        index.apply([entry(f"d{n}", "Bread") for n in range(number, 300, 9)], [], number + 2)
    stop.set()
    for thread in threads:
        thread.join()

    assert faults == []
    assert ask(index, "bread").total == 300


def test_hits_name_document_and_category_as_written(index):
    fill(index, entry("a", categories=["Food & Drink", "food & drink", "Caffè"]))

    answer = ask(index)

    assert (answer.hits[0].did, answer.hits[0].path) == (DID, "d/a.json")
    assert answer.categories == {"Food & Drink": 1, "Caffè": 1}
    assert ask(index, category="CAFFE").total == 1


def test_of_categories_the_thirty_most_frequent_are_counted(index):
    fill(
        index,
        *(
            entry(f"d{n}", "Bread", categories=[f"Category {k}" for k in range(n % 40, 40)])
            for n in range(120)
        ),
    )

    for answer in (ask(index), ask(index, "bread")):
        counts = list(answer.categories.values())
        assert len(counts) == 30
        assert counts == sorted(counts, reverse=True)
        assert answer.categories["Category 39"] == 120
        assert "Category 5" not in answer.categories


def test_a_stranger_with_thousands_of_categories_stops_no_search(index):
    fill(
        index,
        *(
            entry(f"d{n}", "Bread", categories=[f"c{n}-{k}" for k in range(40)] + ["Food"])
            for n in range(2_000)
        ),
    )

    assert ask(index).categories["Food"] == 2_000
    assert ask(index, "bread", near=EDINBURGH).categories["Food"] == 2_000


# --- several processes -----------------------------------------------------------------------


def test_one_process_writes_and_others_see_it(folder, start):
    writer = start("hold")
    assert said(writer) == {"writes": True}
    reader = TantivyIndex.open(folder)
    assert reader.position() == 0
    assert not reader.try_to_write()
    with pytest.raises(IndexBroken, match="another process"):
        reader.apply([], [], 1)

    for number, name in enumerate(["a", "b"], start=1):
        writer.stdin.write(name + "\n")
        writer.stdin.flush()
        assert said(writer) == {"position": number}
        assert reader.position() == number
        assert name in names(ask(reader))

    writer.kill()
    writer.wait()
    assert reader.try_to_write()
    reader.apply([entry("c")], [], 3)
    assert sorted(names(ask(reader))) == ["a", "b", "c"]
    reader.close()


def test_a_writer_killed_at_any_moment_leaves_a_whole_commit(folder, start):
    for commits in (1, 2, 4):
        writer = start("fill")
        for _ in range(commits):
            said(writer)
        writer.kill()
        writer.wait()

        index = TantivyIndex.open(folder)
        assert index.try_to_write()
        position = index.position()
        assert position >= commits
        assert ask(index).total == 20 * position
        index.reset()
        index.close()


# --- damage ----------------------------------------------------------------------------------


def cut(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0x55
    file.write_bytes(content)


def empty(file):
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink], ids=lambda one: one.__name__)
def test_a_damaged_index_is_made_anew_by_who_writes_it(folder, start, damage):
    index = TantivyIndex.open(folder)
    index.try_to_write()
    fill(index, *(entry(f"d{n}", "Bread", points=[EDINBURGH]) for n in range(50)), position=4)
    index.apply([], [(DID, "d/d7.json")], 5)
    index.close()
    data = folder / "index" / "data"
    whole = {file.name: file.read_bytes() for file in data.iterdir()}
    files = [name for name in whole if not name.startswith(".") and name != "meta.json.lock"]
    assert len(files) >= 7

    for name in files:
        for other, content in whole.items():
            (data / other).write_bytes(content)
        damage(data / name)
        process = start("write")
        answer = said(process)
        process.wait()

        assert answer["writes"]
        is_whole = answer["position"] == 5 and len(answer["names"]) == 49
        is_anew = answer["position"] == 0 and answer["names"] == []
        assert is_whole or is_anew, name
        if name == "meta.json":
            assert is_anew


def test_what_is_as_written_is_not_called_damaged(index, folder):
    fill(index, *(entry(f"d{n}") for n in range(30)))
    index.apply([], [(DID, "d/d7.json")], 5)
    index.close()

    assert find_damage(folder / "index" / "data") is None


def test_an_index_of_another_version_is_made_anew(index, folder, monkeypatch):
    fill(index, entry("a"), position=4)
    index.close()
    monkeypatch.setattr(fields, "VERSION", "another")

    again = TantivyIndex.open(folder)

    assert again.position() == 0
    assert ask(again).total == 0
    again.close()


def test_a_folder_deleted_between_runs_is_made_anew(index, folder):
    fill(index, entry("a"))
    index.close()
    for file in sorted((folder / "index").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()

    again = TantivyIndex.open(folder)

    assert again.position() == 0
    assert again.try_to_write()
    fill(again, entry("b"), position=1)
    assert names(ask(again)) == ["b"]
    again.close()


def test_a_reader_waits_for_an_index_that_another_process_makes(folder, start):
    folder.mkdir()
    (folder / "index").mkdir()
    first = TantivyIndex.open(folder)
    writer = start("hold")
    assert said(writer) == {"writes": True}

    writer.stdin.write("a\n")
    writer.stdin.flush()
    said(writer)

    wait_for(lambda: first.position() == 1)
    first.close()


def test_a_full_disk_is_an_error_of_ours_and_changes_nothing(index, monkeypatch):
    fill(index, entry("a"), position=1)

    def full(_):
        raise ValueError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(tantivy_index.fields, "make_entry", full)
        with pytest.raises(IndexBroken):
            index.apply([entry("b")], [(DID, "d/a.json")], 2)

    assert index.position() == 1
    assert names(ask(index)) == ["a"]
    index.apply([entry("b")], [], 2)
    assert sorted(names(ask(index))) == ["a", "b"]


def test_searching_for_nothing_or_nonsense_is_harmless(index):
    fill(index, entry("a"))

    assert ask(index, limit=0).hits == ()
    assert ask(index, offset=-1).hits == ()
    assert ask(index, now=0).total == 1
    assert ask(index, now=2**40).total == 0
    assert ask(index, now=NOW, category="\ud800").total == 0
