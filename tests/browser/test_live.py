"""What happens while a page is open: changes, members that come and go, a node that dies and comes back."""

import re
import time

import pytest

from member import Member

AWAY = "does not answer"
UNTOUCHED = "document.documentElement.dataset.untouched"


@pytest.fixture(scope="module")
def living(start_node, tokens):
    """A node that forgets a silent member soon, and that a test may kill."""
    import policies
    made = start_node(NODE_NAME="living-master")
    policies.fill(made, tokens["admin"], 400)
    return made


def untouched(seen):
    """Marks the document, so that a reload would be seen."""
    seen.page.evaluate(f"{UNTOUCHED} = 'yes'")
    return lambda: seen.page.evaluate(UNTOUCHED) == "yes"


def test_changes_arrive_without_a_reload(living, visit, tokens, note):
    seen = visit(living)
    seen.go("/console")
    region = seen.page.get_by_role("region", name=re.compile("changes", re.I))
    region.wait_for()
    seen.page.wait_for_timeout(500)
    same = untouched(seen)
    started = time.monotonic()
    living.publish([{"sensor": {"name": "seen-at-once", "site": "Cork"}}], tokens["admin"])
    region.get_by_text("sensor").first.wait_for()
    seen.page.wait_for_function("() => document.body.innerText.includes('sensor')")
    note(f"a change is on the page after {(time.monotonic() - started) * 1000:.0f} ms")
    for number in range(200):
        living.publish([{"burst": {"name": f"burst-{number}"}}], tokens["admin"])
    region.get_by_text("burst").first.wait_for()
    assert region.get_by_role("row").or_(region.get_by_role("listitem")).count() <= 60, "the list does not grow without end"
    assert same()
    seen.picture("overview-live")


def test_members_come_and_go(living, visit, tokens):
    seen = visit(living)
    seen.go("/console/network")
    same = untouched(seen)
    members = [Member(living, f"visitor-{number}").join() for number in range(3)]
    try:
        table = seen.page.get_by_role("table").first
        for one in members:
            table.get_by_text(one.name).first.wait_for(timeout=20000)
        assert same(), "the page was not loaded again"
        seen.page.wait_for_timeout(1500)
        assert all(one.deliveries for one in members)
        seen.picture("network-members")
        assert seen.barriers() == []
        row = table.get_by_role("row").filter(has_text=members[0].name).first
        members[0].leave()
        # It is silent after minutes; that it does not take what changes is seen before.
        until = time.monotonic() + 60
        while "failing" not in row.inner_text().lower() and time.monotonic() < until:
            living.publish([{"note": {"name": f"after it left, {time.monotonic()}"}}], tokens["admin"])
            seen.page.wait_for_timeout(1000)
        assert "failing" in row.inner_text().lower()
        assert same(), "the page was not loaded again"
        assert seen.barriers() == []
        seen.picture("network-member-left")
    finally:
        for one in members:
            one.leave()


@pytest.mark.parametrize("path", ["/console", "/console/network", "/console/policies", "/console/commands", "/console/node"])
def test_killed_and_started_again(living, visit, path):
    seen = visit(living)
    seen.allowed += ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE",
                     "ERR_CONNECTION_CLOSED", "401", "403"]
    seen.go(path)
    seen.page.wait_for_timeout(500)
    assert not seen.page.get_by_text(AWAY).first.is_visible()
    living.kill()
    try:
        seen.page.get_by_text(AWAY).first.wait_for(state="visible", timeout=15000)
        if path == "/console":
            seen.picture("node-away", whole=False)
            assert seen.barriers() == []
            assert seen.sideways() == []
    finally:
        living.start()
    # Sessions are kept in memory: the page may come back by itself, or ask to sign in again, and says which.
    seen.page.wait_for_function(f"() => !document.body.innerText.includes('{AWAY}')", timeout=30000)
    if path == "/console":
        seen.picture("node-back", whole=False)


def test_stopped_in_good_order(living, visit):
    seen = visit(living)
    seen.allowed += ["ERR_", "401", "403"]
    seen.go("/console")
    seen.page.wait_for_timeout(500)
    living.process.terminate()
    living.process.wait(30)
    try:
        seen.page.get_by_text(AWAY).first.wait_for(state="visible", timeout=15000)
    finally:
        living.start()
    seen.page.wait_for_function(f"() => !document.body.innerText.includes('{AWAY}')", timeout=30000)
