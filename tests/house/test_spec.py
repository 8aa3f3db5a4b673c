"""The building inspector compares the specification with the code and the tests."""

from __future__ import annotations

import datetime
import importlib
import pkgutil
import re
from collections import Counter

import localfed
from house.building import RULE, files, name_of, read_json
from localfed.protocol import limits
from localfed.protocol.errors import LocalFedError

# A rule is defined where its id opens a line: of a paragraph, a list item, a heading or a table row.
DEFINITION = re.compile(
    r"^(?:[>\s]*)(?:[-*+] +|\d+\. +|#{1,6} +|\| *)?(?:<a id=\"[^\"]*\"></a>)?[*`\[]*"
    rf"(?P<rule>{RULE.pattern})",
)
OBLIGATION = re.compile(r"\b(?:MUST|SHALL|REQUIRED)\b")


def rules_of_the_specification():
    """(rule, file, line number, text up to the next rule, heading or empty line)."""
    found = []
    for path in files("spec", ".md"):
        rule = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = DEFINITION.match(line)
            if match:
                rule = [match["rule"], name_of(path), number, line]
                found.append(rule)
            elif not line.strip() or line.startswith("#"):
                rule = None
            elif rule is not None:
                rule[3] += "\n" + line
    assert found, "no rule in spec/: the inspector is looking at the wrong place"
    return found


def rules_cited_in(*folders):
    return {
        rule: name_of(path)
        for folder in folders
        for path in files(folder, ".py")
        for rule in RULE.findall(path.read_text(encoding="utf-8"))
    }


def every_error_of_ours():
    """All classes of the tree, wherever they are written: every module is imported first."""
    for module in pkgutil.walk_packages(localfed.__path__, "localfed."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found = []
    waiting = [LocalFedError]
    while waiting:
        error = waiting.pop()
        found.append(error)
        waiting += error.__subclasses__()
    return [error for error in dict.fromkeys(found) if error.__module__.startswith("localfed.")]


def number_of(value):
    return value.total_seconds() if isinstance(value, datetime.timedelta) else value


def test_every_rule_has_one_id_of_its_own():
    places = Counter(rule for rule, _, _, _ in rules_of_the_specification())

    assert [rule for rule, times in places.items() if times > 1] == []


def test_every_must_of_the_specification_stands_under_a_rule():
    ruled = set()
    for _, name, number, text in rules_of_the_specification():
        ruled |= {(name, number + offset) for offset in range(text.count("\n") + 1)}

    stray = [
        f"{name_of(path)}:{number}"
        for path in files("spec", ".md")
        if re.match(r"\d\d-", path.name)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OBLIGATION.search(re.sub(r"[\"“`*](?:MUST|SHALL|REQUIRED)(?: NOT)?[\"”`*]", "", line))
        and (name_of(path), number) not in ruled
        and "BCP 14" not in line
        and "RFC 2119" not in line
    ]

    assert stray == []


def test_every_must_is_cited_by_a_test():
    cited = rules_cited_in("tests")

    uncited = [
        f"{rule} ({name}:{number})"
        for rule, name, number, text in rules_of_the_specification()
        if OBLIGATION.search(text) and rule not in cited
    ]

    assert uncited == []


def test_every_rule_cited_in_code_and_tests_exists():
    defined = {rule for rule, _, _, _ in rules_of_the_specification()}

    unknown = {
        rule: name
        for rule, name in rules_cited_in("src", "tests", "examples", "bench").items()
        if rule not in defined
    }

    assert unknown == {}


def test_the_table_of_errors_is_the_tree_of_errors():
    tree = {
        error.__name__: {
            "code": error.code,
            "status": error.status,
            "parent": error.__mro__[1].__name__,
            "next": error.next_step,
            "meaning": (error.__doc__ or "").splitlines()[0],
        }
        for error in every_error_of_ours()
        if error is not LocalFedError
    }

    table = {row.pop("name"): row for row in read_json("spec/tables/errors.json")}
    table.pop("LocalFedError", None)

    assert table == tree


def test_every_error_has_a_code_of_its_own():
    codes = Counter(error.code for error in every_error_of_ours())

    assert [code for code, times in codes.items() if times > 1] == []
    assert [code for code in codes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []


def test_every_error_is_written_in_the_one_file_of_errors():
    elsewhere = [
        f"{error.__module__}.{error.__name__}"
        for error in every_error_of_ours()
        if error.__module__ != "localfed.protocol.errors"
    ]

    assert elsewhere == []


def test_the_table_of_limits_is_the_limits_of_the_code():
    constants = {
        name: number_of(value)
        for name, value in vars(limits).items()
        if name.isupper() and not name.startswith("_")
    }

    assert read_json("spec/tables/limits.json") == constants


def test_every_rule_id_named_in_the_specification_is_defined():
    defined = {rule for rule, _, _, _ in rules_of_the_specification()}

    unknown = [
        f"{name_of(path)}: {rule}"
        for path in files("spec", ".md", ".json")
        for rule in RULE.findall(path.read_text(encoding="utf-8"))
        if rule not in defined
    ]

    assert unknown == []
