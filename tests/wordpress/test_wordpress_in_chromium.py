"""A real WordPress: the plugin's block and shortcode, a pasted address, the widget in Custom HTML, a node that is away."""

from __future__ import annotations

import pytest

EMBED = """<!-- wp:embed {{"url":"{url}"}} -->
<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">
{url}
</div></figure>
<!-- /wp:embed -->"""


def code(site, line):
    """Run a line of PHP in the site; what it returns, as it is written in JSON."""
    return site.php("run.php", line)


@pytest.fixture(autouse=True)
def php_has_nothing_to_say_of_the_plugin(site):
    yield
    assert site.complaints == []


@pytest.fixture
async def visitor(site, node, browser):
    """`await visitor(address, **options)` opens a page; what it asked of the node is in `page.asked`."""

    async def open_page(address, **options):
        context = await browser.new_context(locale="en-GB", **options)
        page = await context.new_page()
        page.asked = []
        page.on(
            "request",
            lambda one: page.asked.append(one.url) if one.url.startswith(node.url) else None,
        )
        await page.goto(address)
        return page

    return open_page


async def test_block_and_shortcode_are_rendered_by_the_server(site, visitor):
    address = site.page(
        '<!-- wp:localfed/directory {"near":"54.6,-2.3","radius":"5","kind":"offer","limit":5} /-->\n'
        "<!-- wp:shortcode -->[localfed kind=need view=compact]<!-- /wp:shortcode -->"
    )

    page = await visitor(address, java_script_enabled=False)

    first, second = await page.locator(".wp-block-localfed-directory").all()
    said = await first.inner_text()
    assert "Offer · 0.2 miles · Aldwater" in said
    assert "Bread & <em>rolls</em>" in said
    assert "Published by Our market (localhost" in said
    assert await first.locator("em").count() == 0
    assert "Drivers" in await second.inner_text()
    assert page.asked == []
    assert "<script" not in await first.inner_html()


async def test_a_pasted_address_becomes_a_frame_in_a_sandbox(site, node, visitor):
    address = site.page(EMBED.format(url=f"{node.url}/?q=bread"))
    assert '<iframe class="wp-embedded-content" sandbox="allow-scripts"' in site.read(address)

    page = await visitor(address)

    frame = page.locator("iframe.wp-embedded-content")
    await page.wait_for_function(
        "document.querySelector('iframe.wp-embedded-content').height !== '480'"
    )
    inside = page.frames[1]
    assert inside.url.startswith(f"{node.url}/embed?q=bread#?secret=")
    assert await inside.locator("article").count() == 1
    shown = await inside.evaluate("document.documentElement.getBoundingClientRect().height")
    assert abs(int(await frame.get_attribute("height")) - max(shown, 200)) <= 1
    assert await frame.is_visible()
    assert not await page.locator("blockquote.wp-embedded-content").is_visible()

    await inside.locator("article a").click()
    await page.wait_for_url(f"{node.url}/documents/**")

    assert await page.locator("h1").inner_text() == "Bread & <em>rolls</em>"


async def test_records_and_organisations_can_be_pasted_too(site, node, visitor):
    first = await visitor(f"{node.url}/?q=bread")
    record = await first.locator(".card h3 a").first.get_attribute("href")
    scid = record.split("/")[2]

    for path in (record, f"/organisations/{scid}"):
        page = await visitor(site.page(EMBED.format(url=f"{node.url}{path}")))
        await page.wait_for_function(
            "getComputedStyle(document.querySelector('iframe.wp-embedded-content')).position"
            " !== 'absolute'"
        )

        assert "Bread" in await page.frames[1].locator("main").inner_text()


async def test_the_snippet_of_the_widget_works_in_custom_html(site, node, visitor):
    maker = await visitor(f"{node.url}/embed/make?near=54.6,-2.3&kind=offer&limit=2")
    snippet = await maker.locator("#widget").text_content()
    address = site.page(f"<!-- wp:html -->\n{snippet}\n<!-- /wp:html -->")

    page = await visitor(address)

    await page.locator("localfed-directory").locator("text=Bread").first.wait_for()
    assert any(one.startswith(f"{node.url}/widget") for one in page.asked)


async def test_the_snippet_of_a_frame_works_in_custom_html(site, node, visitor):
    maker = await visitor(f"{node.url}/embed/make?q=bread")
    snippet = await maker.locator("#frame").text_content()
    address = site.page(f"<!-- wp:html -->\n{snippet}\n<!-- /wp:html -->")

    page = await visitor(address)

    await page.locator("iframe").scroll_into_view_if_needed()
    await page.wait_for_function("document.querySelector('iframe').height !== '480'")
    async with page.context.expect_page() as opened:
        await page.frames[1].locator("article a").click()
    other = await opened.value
    await other.wait_for_load_state()
    assert other.url.startswith(f"{node.url}/documents/")


def test_while_the_node_is_away_what_it_said_last_is_shown(site, node):
    known = site.page("[localfed q=repair]")
    unknown = site.page("[localfed q=bread category=Food limit=7]")
    assert "Repair advice" in site.read(known)
    # As if more than fifteen minutes had gone: what is kept is asked for anew.
    code(
        site,
        'global $wpdb; foreach ($wpdb->get_col("SELECT option_name FROM $wpdb->options'
        " WHERE option_name LIKE '\\_transient\\_localfed%'\") as $name) {"
        " $key = substr($name, 11); $kept = get_transient($key); $kept['again'] = 1;"
        " $kept['answer']['asked'] -= 7200; set_transient($key, $kept, 3600); } return 1;",
    )
    node.stop()
    try:
        stale, nothing = site.read(known), site.read(unknown)
        again = site.read(unknown)
    finally:
        node.start()

    assert "Repair advice" in stale
    assert "As of " in stale
    assert "Search at localhost" in nothing
    assert "localfed-wrong" not in nothing  # why is for those who can change it
    assert "Search at localhost" in again


def test_a_search_that_the_node_refuses_breaks_no_page(site):
    said = site.read(site.page('[localfed near="nowhere at all of that name"]<p>after</p>'))

    assert "Search at localhost" in said
    assert "<p>after</p>" in said


def test_what_the_node_says_is_asked_for_once_in_fifteen_minutes(site):
    asked = code(
        site,
        "$GLOBALS['asked'] = 0; add_filter('pre_http_request', function ($answer) {"
        " $GLOBALS['asked']++; return $answer; });"
        "for ($i = 0; $i < 5; $i++) { do_shortcode('[localfed q=drivers limit=3]'); }"
        "return $GLOBALS['asked'];",
    )

    assert asked == "1"


def test_hostile_results_and_attributes_stay_text(site):
    said = code(
        site,
        "add_filter('pre_http_request', fn() => ['response' => ['code' => 200], 'headers' => [],"
        " 'cookies' => [], 'body' => wp_json_encode(['total' => 3, 'results' => ["
        " ['kind' => '<b>', 'page' => 'javascript:alert(1)', 'checked' => '<i>',"
        "  'publisher' => ['name' => '<script>x()</script>', 'host' => '\"><img src=x>'],"
        "  'document' => ['name' => ['en\" onload=\"x' => '<script>x()</script>'],"
        "   'description' => ['en' => '<img src=x onerror=x()>']]],"
        " 'nonsense', ['document' => ['name' => 'text'], 'page' => []]]])]);"
        'return do_shortcode(\'[localfed q="<script>" near="&quot;><script>" view=list]\');',
    )

    assert "<script" not in said
    assert "<img" not in said
    assert "javascript:" not in said
    assert 'onload=\\"x' not in said.replace("&quot;", "")
    assert "&lt;script&gt;x()" in said


async def test_the_keeper_names_the_node_and_nobody_else_does(site, node, visitor):
    before = code(site, "return get_option('localfed_directory_node');")
    page = await visitor(f"{site.url}/wp-admin/options-general.php?page=localfed-directory")
    assert "wp-login.php" in page.url

    # Without having said who one is, neither form does anything.
    for body in (
        {"action": "localfed_directory_forget"},
        {"option_page": "localfed_directory", "localfed_directory_node": "https://evil.example"},
    ):
        for script in ("admin-post.php", "options.php"):
            await page.context.request.post(f"{site.url}/wp-admin/{script}", form=body)
    assert code(site, "return get_option('localfed_directory_node');") == before

    await page.locator("#user_login").fill("keeper")
    await page.locator("#user_pass").fill("a password of a test")
    await page.locator("#wp-submit").click()
    await page.wait_for_url("**/options-general.php**")
    assert await page.locator("#localfed-node").input_value() == node.url
    # Nor with that, where the form is not of this site.
    answer = await page.context.request.post(
        f"{site.url}/wp-admin/admin-post.php", form={"action": "localfed_directory_forget"}
    )
    assert answer.status == 403

    await page.locator("#localfed-node").fill("javascript:alert(1)")
    await page.locator("#submit").click()
    await page.locator("text=That is not the address of a node").wait_for()
    assert await page.locator("#localfed-node").input_value() == node.url

    await page.locator("#localfed-node").fill(f"{node.url}/some/page?x=1")
    await page.locator("#submit").click()
    await page.locator("text=Settings saved").wait_for()
    assert await page.locator("#localfed-node").input_value() == node.url

    site.read(site.page("[localfed q=bread]"))
    await page.locator("#forget").click()
    await page.wait_for_load_state()
    assert code(site, KEPT) == "0"

    # The editor, with the block in it as visitors will see it.
    await page.goto(f"{site.url}/wp-admin/post-new.php?post_type=page")
    await page.wait_for_function("window.wp?.blocks?.getBlockType('localfed/directory')")
    await page.evaluate(
        "wp.data.dispatch('core/block-editor').insertBlocks("
        "wp.blocks.createBlock('localfed/directory', {q: 'bread', limit: 1}))"
    )
    frame = page.frame_locator("iframe[name=editor-canvas]")
    await page.wait_for_function(
        "[document, ...[...document.querySelectorAll('iframe')].map((one) => one.contentDocument)]"
        ".some((one) => one?.querySelector('.localfed-name'))"
    )
    assert frame is not None


KEPT = (
    'global $wpdb; return (int) $wpdb->get_var("SELECT COUNT(*) FROM $wpdb->options'
    " WHERE option_name LIKE '%localfed_directory\\_%' AND option_name != 'localfed_directory_node'\");"
)


def test_deleting_the_plugin_leaves_nothing_behind(site, node):
    site.read(site.page("[localfed q=bread]"))
    assert code(site, KEPT) != "0"

    code(site, "uninstall_plugin('localfed-directory/localfed-directory.php'); return 1;")

    left = code(
        site,
        'global $wpdb; return (int) $wpdb->get_var("SELECT COUNT(*) FROM $wpdb->options'
        " WHERE option_name LIKE '%localfed_directory_%'\");",
    )
    code(site, f"update_option('localfed_directory_node', '{node.url}'); return 1;")
    assert left == "0"
