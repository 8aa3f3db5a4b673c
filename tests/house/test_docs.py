"""The building inspector compares the documentation with the house."""

from __future__ import annotations

import ast
import json
import re
import shlex
import textwrap
import tomllib

import click
import msgspec

from house.building import ROOT, SOURCE, fenced, files, name_of, parsed, read_json
from localfed.server import config
from localfed.server.cli import main
from localfed.web.routes import ROUTES

ARCHITECTURE = ROOT / "docs" / "ARCHITECTURE.md"
COMMANDS = ROOT / "docs" / "run" / "commands.md"
SETTINGS = ROOT / "docs" / "run" / "settings.md"
TROUBLESHOOTING = ROOT / "docs" / "run" / "troubleshooting.md"

FILE_NAME = re.compile(
    r"\.(?:py|typed|html|css|js|svg|txt|sql|md|json|jsonld|po|bin|npz|tsv|toml|yaml)$"
)


def pages():
    found = [path for path in files(".", ".md") if "node_modules" not in path.parts]
    assert found, "no Markdown page: the inspector is looking at the wrong place"
    return found


def files_named_on(page):
    """Paths from the root that the architecture page names, and names that lead nowhere.

    A token ending in "/" (`protocol/`) opens a folder of src/localfed; a bare file name after it
    lies in that folder. A name with a folder in it stands for itself, from src/localfed or from the
    root of the checkout.
    """
    folder = SOURCE
    named, unknown = set(), []
    for token in re.findall(r"[\w.*-]*[\w.*/-]*[\w*/]", page):
        if token.endswith("/"):
            if (SOURCE / token.removeprefix("src/localfed/")).is_dir():
                folder = SOURCE / token.removeprefix("src/localfed/")
            elif token in {"src/localfed/", "localfed/"}:
                folder = SOURCE
        elif FILE_NAME.search(token):
            for base in (folder, SOURCE, ROOT):
                if (base / token).is_file():
                    named.add((base / token).resolve())
                    break
            else:
                unknown.append(token)
    return named, unknown


def commands(group, prefix="localfed"):
    """(words, command) of every command that can be typed, the group itself first."""
    yield prefix, group
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, f"{prefix} {name}")


def sections_of(page):
    """Heading of a command, such as `localfed follow`, and the text below it."""
    found = {}
    heading = None
    in_block = False
    for line in page.splitlines():
        in_block ^= line.lstrip().startswith("```")
        if line.startswith("#") and not in_block:
            match = re.match(r"#+ +`?(localfed(?: [a-z][a-z-]*)*)", line)
            heading = match[1] if match else None
            if heading:
                found[heading] = ""
        if heading:
            found[heading] += line + "\n"
    return found


def test_the_architecture_page_names_every_source_file():
    named, _ = files_named_on(ARCHITECTURE.read_text(encoding="utf-8"))

    unnamed = [
        name_of(path)
        for path in files("src")
        if path.name != "__init__.py" and path.resolve() not in named
    ]

    assert unnamed == []


def test_the_architecture_page_names_only_real_files():
    _, unknown = files_named_on(ARCHITECTURE.read_text(encoding="utf-8"))

    assert unknown == []


def test_every_command_and_option_is_documented():
    sections = sections_of(COMMANDS.read_text(encoding="utf-8"))

    missing = []
    for words, command in commands(main):
        section = sections.get(words)
        if section is None:
            missing.append(words)
            continue
        for parameter in command.params:
            shown = parameter.opts + parameter.secondary_opts
            if isinstance(parameter, click.Argument):
                shown = [parameter.make_metavar(click.Context(command)).strip("[].").split("|")[0]]
            missing += [
                f"{words} {name}"
                for name in shown
                if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", section)
            ]

    assert missing == []


def test_only_real_commands_and_options_are_documented():
    real = dict(commands(main))
    everywhere = {"--help"} | {name for option in main.params for name in option.opts}
    sections = sections_of(COMMANDS.read_text(encoding="utf-8"))

    invented = [words for words in sections if words not in real]
    for words, section in sections.items():
        if words not in real:
            continue
        parameters = real[words].params
        own = {name for option in parameters for name in option.opts + option.secondary_opts}
        for line in section.splitlines():
            # A line that speaks of another command is about that one's options.
            others = {other for other in real if f"{other} " in f"{line} "} - {words, "localfed"}
            for other in others:
                own |= {name for option in real[other].params for name in option.opts}
        invented += [
            f"{words} {option}"
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", section)
            if option not in own | everywhere
        ]

    assert invented == []


def lines_of_shell(path):
    """Line number and text of every line of a shell block that calls localfed itself."""
    for first, language, body in fenced(path.read_text(encoding="utf-8")):
        if language in {"sh", "bash", "shell", "console"}:
            for offset, line in enumerate(body.replace("\\\n", "  ").splitlines()):
                match = re.search(r"(?:^|\| )\s*\$? ?(?:\.venv/bin/)?(localfed .*)$", line)
                if match:
                    yield first + offset, re.split(r" #| \| | [<>&]", match[1])[0]


def test_commands_shown_in_the_pages_exist():
    real = dict(commands(main))

    wrong = []
    for path in pages():
        for number, line in lines_of_shell(path):
            words = shlex.split(line)
            named = [" ".join(words[:size]) for size in range(len(words), 0, -1)]
            command = next(prefix for prefix in named if prefix in real)
            rest = words[len(command.split()) :]
            known = {"--help"}
            for option in real[command].params:
                known |= {*option.opts, *option.secondary_opts}
            bad = [word for word in rest if word.startswith("--") and word not in known]
            if isinstance(real[command], click.Group):
                bad += [word for word in rest if not word.startswith("-")]
            wrong += [f"{name_of(path)}:{number} {command}: {word}" for word in bad]

    assert wrong == []


def test_the_openapi_document_lists_exactly_the_routes():
    # aiohttp writes {path:.+} where OpenAPI writes {path}.
    served = {
        (
            route.method.lower(),
            re.sub(r"\{(\w+):[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", r"{\1}", route.path),
        )
        for route in ROUTES
    }

    documented = {
        (method, path)
        for path, operations in read_json("docs/openapi.json")["paths"].items()
        for method in operations
        if method in {"get", "head", "post", "put", "patch", "delete", "options"}
    }

    assert served, "the table of routes is empty"
    assert documented == served


def test_every_setting_is_documented():
    page = SETTINGS.read_text(encoding="utf-8")
    settings = [field.encode_name for field in msgspec.structs.fields(config.Settings)]

    assert settings
    assert [name for name in settings if f"`{name}`" not in page] == []


def test_every_environment_variable_is_documented():
    page = SETTINGS.read_text(encoding="utf-8")
    read = {
        node.value
        for path in files("src", ".py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"LOCALFED_[A-Z_]+", node.value)
    }

    assert read
    assert [name for name in sorted(read) if f"`{name}`" not in page] == []
    assert sorted(set(re.findall(r"\bLOCALFED_[A-Z_]+\b", page)) - read) == []


def test_the_troubleshooting_page_holds_the_table_of_errors():
    page = TROUBLESHOOTING.read_text(encoding="utf-8").splitlines()
    rows = {
        f"| `{row['code']}` | {row['meaning']} | {row['next']} |"
        for row in read_json("spec/tables/errors.json")
    }

    written = {line for line in page if re.match(r"\| `[a-z0-9-]+` \|", line)}

    assert "\n".join(sorted(rows - written)) == "", "these rows are missing"
    assert "\n".join(sorted(written - rows)) == "", "these rows are not in the table of errors"


def test_code_blocks_in_the_pages_can_be_parsed():
    parsers = {
        "python": ast.parse,
        "py": ast.parse,
        "json": json.loads,
        "toml": tomllib.loads,
    }
    broken = []
    for path in pages():
        for line, language, body in fenced(path.read_text(encoding="utf-8")):
            if language in parsers:
                try:
                    parsers[language](textwrap.dedent(body))
                except (SyntaxError, ValueError) as problem:
                    broken.append(f"{name_of(path)}:{line} {problem}")

    assert broken == []


def test_links_between_pages_lead_somewhere():
    broken = []
    for path in pages():
        text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:|#", target):
                continue
            if not (path.parent / target.split("#")[0]).exists():
                broken.append(f"{name_of(path)} -> {target}")

    assert broken == []


def test_the_pages_that_every_project_has_are_there():
    expected = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "LICENSE",
        "Makefile",
        "docs/ARCHITECTURE.md",
        "docs/decisions/README.md",
        "docs/decisions/dependencies.md",
        "docs/run/install.md",
        "spec/LICENSE.md",
    ]

    assert [name for name in expected if not (ROOT / name).is_file()] == []


def test_every_decision_is_in_the_list_of_decisions():
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")

    records = [path.name for path in files("docs/decisions", ".md") if path.name != "README.md"]

    assert [name for name in records if f"({name})" not in index] == []


def test_every_library_is_in_the_list_of_dependencies():
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    # Installed without what it asks for, which no extra can say.
    wanted += re.findall(r"^reader := (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    names = {re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower() for requirement in wanted}
    packages = [*ROOT.glob("tests/*/package.json"), *ROOT.glob("src/**/package.json")]
    of_node = {name for one in packages for name in json.loads(one.read_bytes())["dependencies"]}

    listed = {name.lower() for name in re.findall(r"^\| ([A-Za-z0-9._-]+) \|", page, re.MULTILINE)}

    assert sorted(names - listed) == []
    assert sorted(listed - names - of_node - {"library"}) == []
    assert [name for name in sorted(of_node) if name not in page] == []
