"""The building inspector reads the code: docstrings, sizes, names, clocks. Doors: `test_doors.py`."""

from __future__ import annotations

import ast
import re

from house.building import (
    ROOT,
    SOURCE,
    dotted,
    files,
    floor_of,
    functions,
    imported,
    name_of,
    parsed,
    source_files,
)

FILE_LINES = 400
FUNCTION_LINES = 60

# A larger file or function, with the reason why it is still one noun or one verb.
LARGER_FILES: dict[str, str] = {
    "src/localfed/protocol/errors.py": "one tree, read like a table: a few lines for each error",
}
LARGER_FUNCTIONS: dict[str, str] = {}

CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic"}
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def functions_of_tests():
    for path in files("tests", ".py"):
        if path.name.startswith("test_"):
            for function in functions(parsed(path)):
                if function.name.startswith("test"):
                    yield path, function


def lines_without_docstring(function):
    first = function.body[0]
    length = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        length -= first.end_lineno - first.lineno + 1
    return length


def test_every_source_file_opens_with_a_docstring():
    silent = [name_of(path) for path in source_files() if not ast.get_docstring(parsed(path))]

    assert silent == []


def test_no_source_file_is_longer_than_a_full_house():
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in files("src", ".py", ".js", ".css", ".html")
    }

    too_long = {
        name: lines
        for name, lines in lengths.items()
        if lines > FILE_LINES and name not in LARGER_FILES
    }
    needless = [name for name in LARGER_FILES if lengths.get(name, 0) <= FILE_LINES]

    assert too_long == {}
    assert needless == [], "these exceptions are no longer needed"


def test_no_function_is_longer_than_sixty_lines():
    lengths = {
        f"{name_of(path)}:{function.name}": lines_without_docstring(function)
        for path in source_files()
        for function in functions(parsed(path))
    }

    too_long = {
        name: lines
        for name, lines in lengths.items()
        if lines > FUNCTION_LINES and name not in LARGER_FUNCTIONS
    }
    needless = [name for name in LARGER_FUNCTIONS if lengths.get(name, 0) <= FUNCTION_LINES]

    assert too_long == {}
    assert needless == [], "these exceptions are no longer needed"


def test_no_source_file_has_a_name_that_says_nothing():
    vague = [
        name_of(path)
        for path in source_files()
        if VAGUE_NAMES & set(path.relative_to(SOURCE).with_suffix("").parts)
    ]

    assert vague == []


def test_every_test_name_is_a_sentence():
    short = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path, function in functions_of_tests()
        if not re.fullmatch(r"test(_[a-z0-9]+){3,}", function.name)
    ]

    assert short == []


def test_no_two_tests_of_a_file_have_the_same_name():
    seen = {}
    twice = []
    for path in files("tests", ".py"):
        for scope in ast.walk(parsed(path)):
            if not isinstance(scope, ast.Module | ast.ClassDef):
                continue
            for node in scope.body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    key = (path, scope, node.name)
                    if key in seen and node.name.startswith("test"):
                        twice.append(f"{name_of(path)}:{node.lineno} {node.name}")
                    seen[key] = node

    assert twice == []


def test_the_ground_floors_read_no_clock():
    clocks = [
        f"{name_of(path)}:{node.lineno} {dotted(node.func)}"
        for path in source_files()
        if floor_of(path) in {"protocol", "interop", "app"}
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and dotted(node.func.value).split(".")[-1] in {"datetime", "date", "time"}
    ]

    assert clocks == []


def test_only_the_roof_and_one_middleware_catch_every_exception():
    catching = {
        name_of(path)
        for path in source_files()
        if floor_of(path) != "server"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or any(
                isinstance(part, ast.Name) and part.id in {"Exception", "BaseException"}
                for part in ast.walk(node.type)
            )
        )
    }

    # A panic of the index's library is neither an Exception nor a class that can be named.
    catching.discard("src/localfed/index/tantivy_index.py")
    assert not [name for name in catching if not name.startswith("src/localfed/web/")]
    assert len(catching) <= 1


def test_no_test_mocks_anything():
    mocks = [
        f"{name_of(path)}:{line} {name}"
        for path in files("tests", ".py")
        for line, name in imported(parsed(path))
        if name.startswith(("unittest.mock", "mock.", "pytest_mock")) or name == "mock"
    ]

    assert mocks == []


def test_nothing_is_left_unfinished_in_source_and_tests():
    # Written apart, so that this file does not name itself.
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error", "assert " + "True")
    unfinished = [
        f"{name_of(path)}:{number} {mark}"
        for folder in ("src", "tests")
        for path in files(folder, ".py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for mark in marks
        if re.search(rf"\b{mark}\b", line)
    ]

    assert unfinished == []


def test_every_skip_gives_its_reason():
    silent = []
    for path in files("tests", ".py"):
        for node in ast.walk(parsed(path)):
            for decorator in getattr(node, "decorator_list", []):
                call = decorator if isinstance(decorator, ast.Call) else None
                mark = dotted(call.func if call else decorator)
                if mark.startswith(("pytest.mark.skip", "pytest.mark.xfail")) and not (
                    call and any(keyword.arg == "reason" for keyword in call.keywords)
                ):
                    silent.append(f"{name_of(path)}:{decorator.lineno} {mark}")

    assert silent == []


def test_tests_mirror_the_floors_of_the_source():
    floors = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
    across = {
        "agreement",
        "attacks",
        "bench",
        "browser",
        "docker",
        "docs",
        "duplicates_noise",
        "examples",
        "house",
        "judged",
        "markup",
        "properties",
        "spec",
        "stories",
        "surface",
        "vectors",
        "widget",
        "wordpress",
    }
    tested = {path.relative_to(ROOT / "tests").parts[0] for path in files("tests", ".py")}
    folders = {name for name in tested if not name.endswith(".py")}

    assert folders - floors - across == set(), "a folder of tests that mirrors no floor"
    assert floors - folders == set(), "a floor without a folder of tests"
