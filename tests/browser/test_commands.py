"""The prompt in the page: the commands of the node with the rights of who is signed in, results as tables to sort and to take along."""

import csv
import io
import json
import re

import pytest

from views import SCHEMES, SIZES


def run(seen, text):
    """Types a command and runs it."""
    line = seen.page.get_by_label("Command", exact=True).first
    line.fill(text)
    line.press("Escape")
    seen.page.get_by_role("button", name="Run", exact=True).click()


def answers(seen):
    """Returns the part of the page with the answers."""
    return seen.page.get_by_role("region", name="Answers")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_a_table(large, visit, size, scheme):
    seen = visit(large, width=SIZES[size][0], height=SIZES[size][1], scheme=scheme)
    seen.go("/console/commands")
    run(seen, "blockchain get operator bring.table [*][name] [*][city] [*][ip] [*][port] [*][hostname] [*][company]")
    answers(seen).get_by_role("table").first.wait_for()
    seen.picture("commands-table")
    assert seen.sideways() == []
    assert seen.barriers() == []


def test_a_table_is_sorted_and_taken_along(large, visit):
    seen = visit(large)
    seen.go("/console/commands")
    run(seen, "blockchain get operator bring.table [*][name] [*][port]")
    table = answers(seen).get_by_role("table").first
    table.wait_for()
    table.get_by_role("button").first.click()
    for kind in ("CSV", "JSON"):
        with seen.page.expect_download() as load:
            answers(seen).get_by_role("button", name=kind, exact=True).click()
        text = load.value.path().read_text()
        rows = list(csv.reader(io.StringIO(text)))[1:] if kind == "CSV" else json.loads(text)
        assert len(rows) == 40, text[:300]
        assert "aarhus-operator-1" in text


@pytest.mark.parametrize("command", ["get status", "get members", "get processes", "blockchain get cluster", "get dictionary", "help",
                                     "blockchain get * bring.count", "get event log", "test node"])
def test_every_kind_of_answer(small, visit, command):
    seen = visit(small, width=390, height=844)
    seen.go("/console/commands")
    run(seen, command)
    answers(seen).get_by_role("article").first.wait_for(timeout=30000)
    seen.picture("commands-" + re.sub(r"\W+", "-", command).strip("-"))
    assert seen.sideways() == []
    assert seen.barriers() == []


@pytest.mark.parametrize("command", ["get nothing at all", "blockchain insert where", "blockchain get operator where name ="])
def test_what_is_wrong_is_said_in_words(small, visit, command):
    seen = visit(small)
    seen.allowed += ["400", "404", "422"]
    seen.go("/console/commands")
    run(seen, command)
    seen.page.get_by_role("alert").first.wait_for()
    assert seen.barriers() == []


def test_a_reader_is_refused_what_readers_are(small, visit):
    seen = visit(small, role="read")
    seen.allowed += ["403"]
    seen.go("/console/commands")
    run(seen, "blockchain insert where policy = {'note': {'name': 'by a reader'}} and local = true and master = !ledger_conn")
    seen.page.get_by_role("alert").first.wait_for()
    _, _, body = small.request("POST", "/v1/query", {"query": "blockchain get note where name = 'by a reader'"})
    assert b"by a reader" not in body


def test_words_are_completed_and_explained(small, visit):
    seen = visit(small)
    seen.go("/console/commands")
    line = seen.page.get_by_label("Command", exact=True).first
    line.press_sequentially("blockchain ge", delay=30)
    seen.page.get_by_role("option").filter(has_text="get").first.wait_for()
    seen.picture("commands-completion", whole=False)
    assert seen.barriers() == []
    line.press("ArrowDown")
    line.press("Enter")
    assert line.input_value().startswith("blockchain get")
