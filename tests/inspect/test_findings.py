from __future__ import annotations

import json
from dataclasses import replace

from yolo_fer.inspect.findings import EXAMPLES, Check, Findings, Status, new_checks


def test_a_check_passes_until_something_is_found() -> None:
    check = Check("labels", "every label row can be used")
    assert check.status is Status.PASS
    check.add("a.txt", count=3)
    assert (check.status, check.found, check.examples) == (Status.FAIL, 3, ["a.txt"])


def test_a_broken_promise_that_does_no_harm_is_a_warning() -> None:
    check = Check("classes", "every split has every emotion", Status.WARN)
    check.add("val has no anger")
    assert check.status is Status.WARN


def test_everything_is_counted_and_the_first_places_are_named() -> None:
    check = Check("labels", "every label row can be used")
    for number in range(100):
        check.add(f"{number}.txt")
    assert check.found == 100
    assert check.examples == [f"{number}.txt" for number in range(EXAMPLES)]


def test_only_sets_that_were_converted_are_asked_for_a_ledger() -> None:
    assert "ledger" in new_checks(converted=True)
    assert "ledger" not in new_checks(converted=False)
    assert new_checks(converted=False).keys() < new_checks(converted=True).keys()


def test_the_report_has_the_checks_in_order_and_counts_those_that_failed() -> None:
    checks = new_checks(converted=False)
    checks["labels"].add("a.txt")
    checks["classes"].add("val has no anger")
    findings = replace(Findings("set", False, checks), images=3, faces=4)
    assert findings.failed == [checks["labels"]]
    report = json.loads(json.dumps(findings.to_json()))
    assert [check["name"] for check in report["checks"]] == list(checks)
    assert [check["status"] for check in report["checks"]].count("warn") == 1
    assert (report["images"], report["faces"], report["failed"]) == (3, 4, 1)
