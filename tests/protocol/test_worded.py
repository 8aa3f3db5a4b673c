"""Worded messages are texts, and remember how they were put together."""

from localfed.protocol.worded import Worded


def test_a_worded_message_is_its_text_and_knows_its_parts():
    said = Worded("at most {most} km, not {given}", most=5, given="{most}")

    assert said == "at most 5 km, not {most}"
    assert (said.template, said.values) == (
        "at most {most} km, not {given}",
        {"most": 5, "given": "{most}"},
    )
