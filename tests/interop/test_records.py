"""What reading a table gives: reports that can be shown to anyone."""

from __future__ import annotations

from localfed.interop import records
from localfed.interop.records import REASONS, Count, Ledger, shown


def test_every_report_has_a_sentence_for_its_code():
    ledger = Ledger()
    for code in REASONS:
        ledger.leave_out(3, "Website", "update6", code)

    report = ledger.report(rows=1, records=1, without_point=1, rows_left_out=0, duplicates=0)

    assert [field.reason for field in report.fields] == list(REASONS.values())


def test_a_shown_value_is_one_short_printable_line_without_an_address():
    value = "Write to\n\x1b[31mhall@example.org\x07 or " + "a" * 500

    text = shown(value)

    assert len(text) <= 60
    assert text.isprintable()
    assert "example.org" not in text


def test_counts_stay_complete_when_too_many_fields_are_reported():
    ledger = Ledger()
    for line in range(records.FIELDS_KEPT + 7):
        ledger.mend(line, "Website", "example.org", "mended-url")

    report = ledger.report(rows=1, records=1, without_point=1, rows_left_out=0, duplicates=0)

    assert len(report.fields) == records.FIELDS_KEPT
    assert report.mended == (Count(what="mended-url", count=records.FIELDS_KEPT + 7),)


def test_a_personal_contact_is_counted_and_its_value_is_not_reported():
    ledger = Ledger()
    ledger.leave_out_personal(9, "Website", "email")

    report = ledger.report(rows=1, records=1, without_point=1, rows_left_out=0, duplicates=0)

    assert report.personal == (Count(what="email", count=1),)
    assert [field.value for field in report.fields] == [""]
