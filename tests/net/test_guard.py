"""Which URLs are asked for: the narrow form, and everything else refused before a lookup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from localfed.net.addresses import Zone
from localfed.net.guard import SPECIAL_NAMES, check_redirect, check_url, join_url
from localfed.protocol.errors import ForbiddenAddress

ALLOWED = [
    ("https://grocer.example/", "https://grocer.example/"),
    ("https://grocer.example", "https://grocer.example/"),
    ("https://GROCER.Example/Path", "https://grocer.example/Path"),
    ("https://grocer.example:443/x", "https://grocer.example/x"),
    ("https://grocer.example:0443/x", "https://grocer.example/x"),
    ("https://grocer.example/a/b.json", "https://grocer.example/a/b.json"),
    ("https://grocer.example/a?b=c&d", "https://grocer.example/a?b=c&d"),
    ("https://grocer.example/a#fragment", "https://grocer.example/a"),
    ("https://grocer.example?x", "https://grocer.example/?x"),
    ("https://grocer.example/%C3%A4%2F", "https://grocer.example/%C3%A4%2F"),
    ("https://grocer.example/@someone", "https://grocer.example/@someone"),
    ("https://xn--lden-0qa.example/", "https://xn--lden-0qa.example/"),
    ("https://a.b.c.d.grocer.example/", "https://a.b.c.d.grocer.example/"),
    ("https://4chan.example/", "https://4chan.example/"),
    ("https://1.2.3.4.example/", "https://1.2.3.4.example/"),
]

REFUSED = [
    # schemes
    "http://grocer.example/",
    "ftp://grocer.example/",
    "file:///etc/passwd",
    "gopher://grocer.example:6379/_FLUSHALL",
    "HTTPS://grocer.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "unix:/run/docker.sock",
    "//grocer.example/",
    "/path",
    "grocer.example",
    "https:/grocer.example/",
    "https:grocer.example/",
    "https:///grocer.example/",
    "https://",
    "https:///",
    "",
    " ",
    # ports
    "https://grocer.example:80/",
    "https://grocer.example:22/",
    "https://grocer.example:6379/",
    "https://grocer.example:8443/",
    "https://grocer.example:0/",
    "https://grocer.example:65536/",
    "https://grocer.example:99999/",
    "https://grocer.example:/",
    "https://grocer.example:-443/",
    "https://grocer.example:443:443/",
    "https://grocer.example:4４3/",
    # user names, and what two parsers read differently
    "https://user@grocer.example/",
    "https://user:secret@grocer.example/",
    "https://@grocer.example/",
    "https://grocer.example@127.0.0.1/",
    "https://grocer.example:443@127.0.0.1/",
    "https://127.0.0.1\\@grocer.example/",
    "https://grocer.example\\@127.0.0.1/",
    "https://grocer.example\\.evil.example/",
    "https:\\\\grocer.example/",
    "https://grocer.example%2f@127.0.0.1/",
    "https://grocer.example%00.evil.example/",
    "https://grocer%2eexample/",
    "https://127%2e0%2e0%2e1/",
    "https://%6c%6f%63%61%6c%68%6f%73%74/",
    "https://[grocer.example]/",
    "https://grocer.example[::1]/",
    # controls and other characters
    "https://grocer.example/\r\nHost: evil.example",
    "https://grocer.example/\nx",
    "https://grocer.example/\tx",
    "https://gro\tcer.example/",
    "https://grocer.example/\x00",
    "https://grocer.example/\x7f",
    " https://grocer.example/",
    "https://grocer.example/ ",
    "https://grocer.example/a b",
    "https://grocer.example/\\..\\x",
    'https://grocer.example/"',
    "https://grocer.example/<x>",
    "https://grocer.example/{x}",
    "https://grocer.example/^`|",
    "https://grocer.example/%",
    "https://grocer.example/%zz",
    "https://grocer.example/ä",
    "https://läden.example/",
    "https://grocer。example/",
    "https://grocer．example/",
    "https://ｇrocer.example/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "https://grocer\u200b.example/",
    "https://grocer\u00ad.example/",
    "https://\u202egrocer.example/",
    # host names
    "https://grocer/",
    "https://grocer.example./",
    "https://grocer.example../",
    "https://.grocer.example/",
    "https://grocer..example/",
    "https://-grocer.example/",
    "https://grocer-.example/",
    "https://gro_cer.example/",
    "https://*.example/",
    f"https://{'a' * 64}.example/",
    f"https://{'a.' * 130}example/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://foo.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://metadata.google.internal./",
    "https://router.home.arpa/",
    "https://expyuzz4wqqyqhjn.onion/",
    "https://something.alt/",
    "https://local/",
    "https://internal/",
]

ADDRESSES = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "8.8.8.8",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "0x7f000001",
    "0x7f.1",
    "0X7F.0.0.1",
    "0x7f.0x0.0x0.0x1",
    "127.0.0.0x1",
    "127.0.0.1.",
    "127.0.0.1..",
    "2852039166",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.16689662",
    "425.510.425.510",
    "127.0.0.256",
    "00000000000000000000000000000127.0.0.1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    "[2606:4700:4700::1111]",
    "[v1.x]",
    "[]",
    "[::1",
    "::1]",
    "::1",
]


@pytest.mark.parametrize("url, sent", ALLOWED)
def test_a_plain_https_url_is_allowed_and_sent_in_one_form(url, sent):
    target = check_url(url, allow_loopback=False)

    assert target.url == sent
    assert target.zone is Zone.PUBLIC
    assert target.port == 443


@pytest.mark.parametrize("url", REFUSED)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_any_other_url_is_refused_in_production_and_most_in_development(url, allow_loopback):
    if allow_loopback and url in {"https://localhost/", "https://LOCALHOST/"}:
        assert check_url(url, allow_loopback=True).zone is Zone.LOOPBACK
        return

    with pytest.raises(ForbiddenAddress):
        check_url(url, allow_loopback=allow_loopback)


@pytest.mark.parametrize("host", ADDRESSES)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_host_named_by_its_address_is_refused_in_every_spelling(host, scheme):
    with pytest.raises(ForbiddenAddress):
        check_url(f"{scheme}://{host}/", allow_loopback=False)


@pytest.mark.parametrize("host", [host for host in ADDRESSES if host != "127.0.0.1"])
def test_development_knows_loopback_in_its_plain_spelling_only(host):
    if host in {"[::1]", "[0:0:0:0:0:0:0:1]"}:
        assert check_url(f"http://{host}:8000/", allow_loopback=True).zone is Zone.LOOPBACK
        return

    with pytest.raises(ForbiddenAddress):
        check_url(f"http://{host}:8000/", allow_loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/",
        "http://localhost/",
        "http://127.0.0.1:8000/",
        "http://127.0.1.1:8000/",
        "http://[::1]:8000/x?y",
        "https://localhost:8443/",
    ],
)
def test_loopback_takes_the_operators_word(url):
    assert check_url(url, allow_loopback=True).zone is Zone.LOOPBACK
    with pytest.raises(ForbiddenAddress):
        check_url(url, allow_loopback=False)


@pytest.mark.parametrize("name", SPECIAL_NAMES)
def test_names_that_are_not_public_are_refused_at_any_depth(name):
    for host in (f"a.{name}", f"a.b.{name}", f"A.{name.upper()}"):
        with pytest.raises(ForbiddenAddress):
            check_url(f"https://{host}/", allow_loopback=True)


def test_an_operator_may_add_a_port():
    target = check_url("https://grocer.example:8443/", allow_loopback=False, ports={443, 8443})

    assert target.port == 8443
    assert target.url == "https://grocer.example:8443/"
    with pytest.raises(ForbiddenAddress):
        check_url("https://grocer.example:8444/", allow_loopback=False, ports={443, 8443})


def test_a_url_has_a_longest_length():
    fits = "https://grocer.example/" + "a" * (2_000 - 23)

    assert check_url(fits, allow_loopback=False).url == fits
    with pytest.raises(ForbiddenAddress):
        check_url(fits + "a", allow_loopback=False)


@pytest.mark.parametrize(
    "location, target",
    [
        ("/x", "https://grocer.example/x"),
        ("x", "https://grocer.example/a/x"),
        ("../x", "https://grocer.example/x"),
        ("?q", "https://grocer.example/a/b?q"),
        ("//other.example/x", "https://other.example/x"),
        ("https://other.example/x#y", "https://other.example/x"),
    ],
)
def test_a_redirect_is_followed_where_it_leads_to_another_allowed_url(location, target):
    source = check_url("https://grocer.example/a/b", allow_loopback=False)

    assert check_redirect(source, location, allow_loopback=False).url == target


@pytest.mark.parametrize(
    "location",
    [
        "",
        " ",
        "http://grocer.example/",
        "http://other.example/",
        "http://localhost:8000/",
        "https://localhost:8443/",
        "http://127.0.0.1/",
        "//127.0.0.1/",
        "//localhost/",
        "//2130706433/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://user@other.example/",
        "\\\\127.0.0.1\\x",
        "/\\127.0.0.1/",
        "ht\ntps://other.example/",
        "\x01https://other.example/",
        "/x y",
        "/\u0661",
        "file:///etc/passwd",
        "data:,x",
        "https://other.example:22/",
        "https://printer.local/",
        "/" + "a" * 3_000,
    ],
)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_a_redirect_never_leads_down_or_inside(location, allow_loopback):
    source = check_url("https://grocer.example/a/b", allow_loopback=False)

    with pytest.raises(ForbiddenAddress):
        check_redirect(source, location, allow_loopback=allow_loopback)


def test_a_redirect_within_this_machine_is_no_step_down_in_security():
    source = check_url("https://localhost:8443/", allow_loopback=True)

    with pytest.raises(ForbiddenAddress):
        check_redirect(source, "http://localhost:8000/", allow_loopback=True)


@given(st.text(max_size=100))
def test_any_text_gives_a_checked_url_or_our_refusal(text):
    for url in (text, f"https://{text}", f"https://grocer.example/{text}"):
        try:
            target = check_url(url, allow_loopback=False)
        except ForbiddenAddress:
            continue
        assert target.url.startswith(f"https://{target.host}/")
        assert target.url.isascii()
        assert target.url.isprintable()


@given(
    st.text("abz019.-:@/\\[]%#?_ Aß", max_size=40),
    st.sampled_from(["https://", "https://a.example", "https://a.example:"]),
)
def test_the_library_that_sends_it_reads_the_same_host_as_the_guard(text, start):
    """The classic hole is two parsers: here, whatever ours allows, yarl must read alike."""
    try:
        target = check_url(start + text, allow_loopback=True)
    except ForbiddenAddress:
        return

    read = URL(target.url, encoded=True)

    assert read.raw_host == target.host
    assert read.port == target.port
    assert read.scheme == target.scheme
    assert read.user is None
    assert str(read) == target.url


@given(st.text(max_size=60))
def test_any_reference_gives_a_url_or_our_refusal(text):
    try:
        joined = join_url("https://grocer.example/a/b", text)
    except ForbiddenAddress:
        return

    assert joined
