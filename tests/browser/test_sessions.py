"""Who is signed in, for how long, and what a request without the proof of the page gets."""

import re
import time

import pytest

from views import VIEWS

PATHS = [path for path in VIEWS.values()]


@pytest.fixture(scope="module")
def brief(start_node):
    """A node whose sessions end after two seconds without a request."""
    return start_node(NODE_NAME="brief-master", CONSOLE_TIMEOUT="2 seconds")


@pytest.fixture(scope="module")
def free(start_node):
    """A node that asks nobody who he is."""
    return start_node(NODE_NAME="free-master", AUTH="off", REST_TOKENS="")


def cookie_of(seen):
    """Returns the cookie of the session."""
    return next(one for one in seen.context.cookies() if one["name"].startswith("anylog_console"))


def sent(cookie):
    """Returns the cookie as a browser sends it; its name has the port of the node."""
    return f"{cookie['name']}={cookie['value']}"


def csrf_of(seen):
    """Returns the proof that the forms of the page carry."""
    return seen.page.locator('input[name="csrf"]').first.get_attribute("value")


def test_who_is_not_signed_in_is_asked_to(small, visit):
    seen = visit(small, role=None)
    for path in PATHS:
        seen.go(path)
        assert seen.page.url.startswith(small.url + "/console/sign-in"), path
    assert seen.barriers() == []
    seen.picture("sign-in")


@pytest.mark.parametrize("width, scheme", [(390, "light"), (390, "dark"), (1280, "dark")])
def test_sign_in_page(small, visit, width, scheme):
    seen = visit(small, role=None, width=width, height=844, scheme=scheme)
    seen.go("/console/sign-in")
    seen.picture("sign-in")
    assert seen.sideways() == []
    assert seen.barriers() == []


def test_cookie_is_for_the_console_and_for_no_script(small, visit):
    seen = visit(small)
    cookie = cookie_of(seen)
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/console"
    assert len(cookie["value"]) >= 43
    assert "anylog_console" not in seen.page.evaluate("document.cookie")


def test_wrong_token_is_refused_in_words(small, visit):
    seen = visit(small, role=None)
    seen.allowed.append("401")
    seen.go("/console/sign-in")
    seen.page.get_by_label("Token").fill("alm_0000000000000000000000000000000000000000000")
    seen.page.get_by_role("button", name="Sign in").click()
    seen.page.get_by_role("alert").wait_for()
    assert seen.barriers() == []
    assert not seen.context.cookies() or seen.go("/console").url.startswith(small.url + "/console/sign-in")
    seen.picture("wrong-token")


def test_a_new_session_at_each_sign_in(small, visit, tokens):
    seen = visit(small)
    first = cookie_of(seen)["value"]
    seen.page.get_by_role("button", name="Sign out").click()
    seen.sign_in(tokens["admin"])
    assert cookie_of(seen)["value"] != first


def test_sign_out_ends_the_session_at_the_node(small, visit):
    seen = visit(small)
    cookie = sent(cookie_of(seen))
    seen.page.get_by_role("button", name="Sign out").click()
    seen.page.wait_for_load_state("load")
    status, headers, _ = small.request("GET", "/console", headers={"Cookie": cookie})
    assert status in (302, 303, 401) and "sign-in" in headers.get("Location", "sign-in")
    seen.go("/console")
    assert "/console/sign-in" in seen.page.url


def test_session_ends_when_nobody_does_anything(brief, visit):
    seen = visit(brief)
    seen.go("/console")
    assert "sign-in" not in seen.page.url
    # A page that is open is nobody who does something: its stream of events does not keep the session.
    time.sleep(4)
    seen.go("/console/policies")
    assert "/console/sign-in" in seen.page.url
    seen.picture("timed-out")
    assert re.search(r"sign in again|ended|timed out|time-out|expired", seen.page.get_by_role("main").inner_text(), re.I)


@pytest.mark.parametrize("proof", ["missing", "wrong", "of another session"])
def test_a_change_without_the_proof_of_the_page_is_refused(small, visit, proof):
    seen = visit(small)
    seen.go("/console/policies")
    cookie = sent(cookie_of(seen))
    form = {"missing": "", "wrong": "csrf=" + "0" * 64, "of another session": "csrf=" + csrf_of(visit(small))}[proof]
    status, _, body = small.request("POST", "/console/sign-out", form, headers={
        "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
    assert status == 403, body[:300]
    seen.go("/console")
    assert "sign-in" not in seen.page.url


def test_a_change_from_the_page_of_another_site_is_refused(small, visit):
    seen = visit(small)
    seen.go("/console/policies")
    cookie, csrf = sent(cookie_of(seen)), csrf_of(seen)
    for header in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        status, _, body = small.request("POST", "/console/sign-out", f"csrf={csrf}", headers={
            "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", **header})
        assert status == 403, body[:300]


def test_a_name_that_is_not_the_node_s_is_misdirected(small):
    status, _, body = small.request("GET", "/console", headers={"Host": "evil.example"})
    assert status == 421
    assert b"_HOSTS" in body


def test_a_reader_sees_and_changes_nothing(small, visit):
    seen = visit(small, role="read")
    for path in PATHS:
        assert seen.go(path).status == 200, path
    seen.go("/console/policies")
    assert seen.page.get_by_role("link", name="New policy").count() == 0
    assert seen.page.get_by_role("button", name="New policy").count() == 0


def test_without_auth_everybody_reads_and_nobody_changes(free, visit):
    seen = visit(free, role=None)
    for path in PATHS:
        assert seen.go(path).status == 200, path
        assert "sign-in" not in seen.page.url
    seen.go("/console/policies")
    assert seen.page.get_by_role("link", name="New policy").count() == 0
    seen.picture("read-only", whole=False)


def test_without_auth_console_write_opens_changes(start_node, visit):
    node = start_node(NODE_NAME="open-master", AUTH="off", REST_TOKENS="", CONSOLE_WRITE="true")
    seen = visit(node, role=None)
    seen.go("/console/policies")
    assert seen.page.get_by_role("link", name="New policy").or_(seen.page.get_by_role("button", name="New policy")).count() >= 1
    node.stop()


def test_switched_off(start_node):
    node = start_node(NODE_NAME="closed-master", CONSOLE="off")
    status, _, _ = node.request("GET", "/console")
    assert status == 404
    node.stop()
