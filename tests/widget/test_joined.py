"""The widget as one file: joined from its modules, pinned by its hash, the same in a browser."""

from __future__ import annotations

import gzip
import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

from localfed.protocol.times import write_time
from localfed.web.widget import joined, modules
from localfed.web.widget_joined import (
    ENTRY,
    JOINED,
    CannotJoin,
    integrity_of,
    join_widget,
    without_comments,
)
from node_packages import NODE
from web.test_openapi import check, schema_for
from widget.conftest import settled, told
from widget.test_widget import directory, titles

GZIP_BYTES_MAX = 15_000
VERIFY_GZIP_BYTES_MAX = 9_000

PAIR = {
    "widget.js": "import {b} from './widget/b.js';\n\nb();\n",
    "widget/b.js": "/**\n * Text.\n */\nimport {\n  C,\n} from './c.js';\n\nexport function b() {\n  // Why.\n  return C;\n}\n",
    "widget/c.js": "export const C = 1;\nconst INTEGRITY = {};\n",
}


async def versions(website, embed):
    page = await embed("", waits=False)
    answer = await page.context.request.get(f"{website.node}/widget/versions.json")
    return await answer.json()


async def test_what_a_page_loads_is_at_most_15_kb(embed, website):
    page = await embed(directory())

    [script] = [one for one in website.requests if one.resource_type == "script"]
    answer = await script.response()
    assert script.url == f"{website.node}/widget.js"
    assert (await answer.all_headers())["content-encoding"] == "gzip"
    assert (await script.sizes())["responseBodySize"] <= GZIP_BYTES_MAX
    assert await page.locator("[part~=card]").count() == 6
    small = {name: len(gzip.compress(body, 9)) for name, body in joined("1.0.0").items()}
    assert small[JOINED] <= GZIP_BYTES_MAX
    assert small["verify.js"] <= VERIFY_GZIP_BYTES_MAX


async def test_a_page_may_import_the_modules_and_register_them_itself(embed, website):
    script = (
        "<script type=module>import {LocalFedDirectory, register} from "
        f"'{website.node}/widget/element.js';"
        "window.before = !!customElements.get('localfed-directory'); register(); register();"
        "customElements.define('our-market', class extends LocalFedDirectory {});</script>"
    )
    page = await embed(
        script + directory() + "<our-market kind=need>-</our-market>",
        page_of={"script": "widget/making.js"},
    )
    await settled(page, 2)

    assert await page.evaluate("window.before") is False
    assert await page.locator("localfed-directory [part~=card]").count() == 6
    assert await page.locator("our-market [part~=card]").count() == 1
    modules_asked = {one.url: one for one in website.requests if one.resource_type == "script"}
    sizes = [(await one.sizes())["responseBodySize"] for one in modules_asked.values()]
    assert len(sizes) == 9
    assert sum(sizes) <= GZIP_BYTES_MAX


async def test_the_versions_say_where_the_file_is_and_its_hash(embed, website):
    said = await versions(website, embed)

    check(said, schema_for("/widget/versions.json"))
    [one] = said["versions"]
    assert one["version"] == "0.0.0"
    page = await embed("", waits=False)
    answer = await page.context.request.get(one["url"])
    body = await answer.body()
    assert one["integrity"] == integrity_of(body)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert one["integrity"] in one["tag"]


async def test_the_joined_file_does_what_the_modules_do(embed, website):
    said = await versions(website, embed)
    page = await embed("", waits=False)

    await page.clock.set_fixed_time(write_time(website.town.federation.clock.now()))
    tag = said["versions"][0]["tag"]
    website.pages["/joined"] = (
        f"<!doctype html><html lang=en-GB><title>x</title>{tag}{directory('verify limit=4')}</html>",
        {},
    )
    website.requests.clear()
    await page.goto(website.origin + "/joined")
    await settled(page)

    assert len(await titles(page)) == 4
    await page.get_by_role("button", name="Show more").click()
    await settled(page, 2)
    await page.locator("[part=proof]").nth(5).wait_for()
    assert [
        one.url.rpartition("/")[2] for one in website.requests if one.resource_type == "script"
    ] == [
        JOINED,
        "verify.js",
    ]


async def test_what_is_loaded_later_is_under_the_hash_too(embed, website):
    website.expected = ["integrity", "net::"]
    said = await versions(website, embed)
    tag = said["versions"][0]["tag"]
    website.pages["/joined"] = (
        f"<!doctype html><html lang=en-GB><title>x</title>{tag}{directory('verify')}</html>",
        {},
    )
    page = await embed("", waits=False)
    headers = {"content-type": "text/javascript", "access-control-allow-origin": "*"}
    await page.route(
        "**/verify.js",
        lambda route: route.fulfill(
            body="export const showProofs = () => { ran = 1 };", headers=headers
        ),
    )
    await page.goto(website.origin + "/joined")
    await settled(page, 2)

    [error] = await told(page, "error")
    assert error["code"] == "verify-not-loaded"
    assert await page.evaluate("typeof ran") == "undefined"


async def test_a_file_that_is_not_what_the_page_pinned_does_not_run(embed, website):
    website.expected = ["integrity", "net::"]
    said = await versions(website, embed)
    tag = said["versions"][0]["tag"].replace("sha384-", "sha384-AAAA")
    website.pages["/joined"] = (f"<!doctype html><title>x</title>{tag}{directory()}", {})
    page = await embed("", waits=False)

    await page.goto(website.origin + "/joined")

    assert await page.locator(".fallback").is_visible()
    assert not await page.evaluate("!!customElements.get('localfed-directory')")


async def test_a_version_never_changes_and_modules_are_asked_about(client):
    answer = await client.get(f"/widget/0.0.0/{JOINED}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = await client.get(
        f"/widget/0.0.0/{JOINED}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status == 304
    entry = await client.get("/widget.js")
    assert entry.headers["Cache-Control"] == "no-cache"
    assert entry.headers["Vary"] == "Accept-Encoding"
    plain = await client.get(
        "/widget.js", headers={"Accept-Encoding": "identity"}, auto_decompress=False
    )
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] != entry.headers["ETag"]


@pytest.fixture
def client(town):
    return town.client


@pytest.mark.parametrize(
    "path",
    [
        "/widget/none.js",
        f"/widget/9.9.9/{JOINED}",
        "/widget/0.0.0/none.js",
        "/widget/0.0.0/element.js",
        "/widget/..%2F..%2Fpyproject.toml",
        "/widget/0.0.0/..%2Fwidget.js",
        "/widget/",
    ],
)
async def test_there_is_nothing_else(client, path):
    answer = await client.get(path)

    assert answer.status == 404


def test_joining_the_same_modules_gives_the_same_bytes():
    assert join_widget(modules(), "1.2.3") == join_widget(
        dict(reversed(modules().items())), "1.2.3"
    )
    assert join_widget(modules(), "1.2.3")[JOINED] != join_widget(modules(), "1.2.4")[JOINED]


def test_the_build_of_the_wheel_joins_the_same_bytes(tmp_path):
    spec = importlib.util.spec_from_file_location("hatch_build", modules_root() / "hatch_build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)

    places = build.join_widget_into(tmp_path / "widget", "1.2.3")

    written = {place.rpartition("/")[2]: Path(path).read_bytes() for path, place in places.items()}
    assert written == join_widget(modules(), "1.2.3")
    assert f"localfed/widget/1.2.3/{JOINED}" in places.values()


def test_joining_puts_each_module_after_those_that_it_needs():
    text = join_widget(PAIR, "1.0.0")[JOINED].decode()

    assert text == (
        "/* LocalFed 1.0.0: widget.js, joined from its modules. Apache-2.0. */\n"
        "\n/* --- widget/c.js --- */\nconst C = 1;\nconst INTEGRITY = {\n};\n"
        "\n/* --- widget/b.js --- */\n\nfunction b() {\n  return C;\n}\n"
        "\n/* --- widget.js --- */\n\nb();\n"
    )


@pytest.mark.parametrize(
    "name, text, says",
    [
        ("widget/c.js", "export default 1;\n", "a form that is not known"),
        ("widget/c.js", "export {C};\nconst C = 1;\n", "a form that is not known"),
        ("widget/c.js", "import C from './d.js';\n", "a form that is not known"),
        ("widget/c.js", "import * as C from './d.js';\n", "a form that is not known"),
        ("widget/c.js", "import {d} from './d.js';\n", "widget/d.js is missing"),
        ("widget/c.js", "import {b} from './b.js';\n", "by way of others"),
        ("widget/c.js", "export const C = 1;\nfunction b() {}\n", "both have b"),
        ("widget/c.js", "export const C = 1;\n", "have no line"),
    ],
)
def test_a_form_that_joining_does_not_know_is_refused(name, text, says):
    with pytest.raises(CannotJoin, match=re.escape(says)):
        join_widget({**PAIR, name: text}, "1.0.0")


@pytest.mark.parametrize("name", sorted(modules()))
def test_comments_are_all_that_is_left_out_of_a_module(name, tmp_path):
    text = modules()[name]
    short = without_comments(text)

    assert "/**" not in short
    program = (
        "import {readFileSync} from 'node:fs';"
        "const [one, other] = process.argv.slice(1).map(path => readFileSync(path, 'utf8'));"
        "const bare = text => text.replace(/\\/\\*\\*[^]*?\\*\\//g, '').replace(/^ *\\/\\/.*$/gm, '')"
        ".replace(/\\s+/g, '');"
        "process.exit(bare(one) === bare(other) ? 0 : 1)"
    )
    for file, content in (("a.js", text), ("b.js", short)):
        (tmp_path / file).write_text(content)
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", program, tmp_path / "a.js", tmp_path / "b.js"],
        check=False,
    )
    assert done.returncode == 0
    done = subprocess.run(
        [NODE, "--check", "--input-type=module"], input=short, text=True, check=False
    )
    assert done.returncode == 0


def test_importing_the_modules_does_nothing_where_there_is_no_page():
    names = [name for name in modules() if name not in {ENTRY, "widget/map.js"}]
    program = "".join(f"await import('./src/localfed/{name}');" for name in names) + (
        "if (globalThis.customElements || Object.keys(globalThis).some(key => /localfed/i.test(key)))"
        " process.exit(1)"
    )

    done = subprocess.run(
        [NODE, "--input-type=module", "-e", program],
        cwd=modules_root(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def modules_root():
    from house.building import ROOT

    return ROOT
