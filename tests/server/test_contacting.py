"""contact set, show, remove: how an organisation is reached."""


def test_a_contact_is_set_shown_and_taken_back(localfed, node):
    """LF-CONTACT-2."""
    grocer = node()

    made = localfed(
        *("contact", "set", "--data", grocer, "--email", "office@grocer.example"),
        *("--name", "Office", "--hours", "Mondays", "--speaks", "en", "--speaks", "cy"),
    )
    shown = localfed("contact", "show", "--data", grocer, "--json").json()
    gone = localfed("contact", "remove", "--data", grocer, "--json").json()
    again = localfed("contact", "show", "--data", grocer)

    assert made.exit_code == 0
    assert "office@grocer.example" in made.stdout
    assert shown["email"] == "office@grocer.example"
    assert (shown["name"], shown["hours"]) == ({"en": "Office"}, {"en": "Mondays"})
    assert shown["availableLanguage"] == ["en", "cy"]
    assert gone == {"removed": True}
    assert (again.exit_code, "unknown-document" in again.stderr) == (1, True)


def test_what_is_no_contact_is_refused_in_words(localfed, node):
    """LF-CONTACT-1, LF-CONTACT-3."""
    grocer = node()

    nothing = localfed("contact", "set", "--data", grocer, "--name", "Office")
    wrong = localfed("contact", "set", "--data", grocer, "--email", "office@grocer@example")

    assert (nothing.exit_code, wrong.exit_code) == (1, 1)
    assert "an e-mail address, a telephone number or a URL" in nothing.stderr
    assert "bad-draft" in wrong.stderr
    assert localfed("contact", "show", "--data", grocer).exit_code == 1
