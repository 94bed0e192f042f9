"""Policies in the page: found as one types, looked at, made, replaced, dropped, carried in and out, with a preview of each change."""

import json
import re
import time

import pytest

import policies
from views import SCHEMES, SIZES

PREVIEW, CONFIRM = "Preview", "Confirm"


def search(seen, text):
    """Types as people do and returns the time until the answer to the last letter is on the page."""
    line = seen.page.get_by_role("searchbox", name="Search")
    line.fill("")
    line.press_sequentially(text, delay=40)
    started = time.monotonic()
    seen.page.get_by_role("link", name=text).first.wait_for()
    return time.monotonic() - started


def first_id(node, token, kind, name=None):
    """Returns the id of a policy."""
    path = f"/v1/policies?type={kind}&limit=1" + (f"&where.name={name}" if name else "")
    _, _, body = node.request("GET", path, token=token)
    return json.loads(body)["policies"][0]["id"]


def has(node, token, kind, name):
    """Tells whether the ledger has a policy."""
    _, _, body = node.request("GET", f"/v1/policies?type={kind}&where.name={name}", token=token)
    return bool(json.loads(body)["policies"])


def field(seen):
    """Returns the field in which a policy is written."""
    return seen.page.get_by_role("textbox", name="Policy", exact=True)


def write(seen, text):
    """Puts a text into the field of the form and asks for the preview."""
    field(seen).fill(text)
    press(seen, PREVIEW)


def press(seen, name):
    """Follows a link or presses a button of that name."""
    seen.page.get_by_role("link", name=name, exact=True).or_(seen.page.get_by_role("button", name=name, exact=True)).first.click()


def test_search_as_one_types(large, visit, note):
    seen = visit(large)
    seen.go("/console/policies")
    last = policies.COUNT // 2 // 160 * 160
    name = next(one["sensor"]["name"] for one in policies.sensors(policies.COUNT) if one["sensor"]["name"].endswith(f"{last:05}"))
    taken = search(seen, name)
    note(f"search over {policies.COUNT} policies: {taken * 1000:.0f} ms from the last letter to its result, 150 ms of waiting included")
    seen.picture("policies-search", whole=False)
    found = seen.page.get_by_role("main").inner_text()
    assert re.search(r"\bms\b", found), "the page says how long it took"
    seen.page.get_by_role("searchbox", name="Search").fill("no such thing anywhere")
    seen.page.get_by_text(re.compile("no polic|nothing|0 of", re.I)).first.wait_for()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["sensor", "operator", "cluster", "table", "mapping"])
def test_one_policy(large, visit, tokens, kind, size, scheme):
    seen = visit(large, width=SIZES[size][0], height=SIZES[size][1], scheme=scheme)
    assert seen.go("/console/policies/one?id=" + first_id(large, tokens["admin"], kind)).status == 200
    seen.picture(f"policy-{kind}")
    assert seen.sideways() == []
    assert seen.barriers() == []


def test_from_table_to_cluster_to_operator(large, visit, tokens):
    seen = visit(large)
    _, _, body = large.request("GET", "/v1/policies?type=table&where.dbms=cork&where.name=flow", token=tokens["read"])
    seen.go("/console/policies/one?id=" + json.loads(body)["policies"][0]["id"])
    seen.page.get_by_role("link", name=re.compile("cork-cluster")).first.click()
    seen.page.get_by_role("heading", level=1, name=re.compile("cork-cluster")).wait_for()
    seen.page.get_by_role("link", name=re.compile("cork-operator-1")).first.click()
    seen.page.get_by_role("heading", level=1, name=re.compile("cork-operator-1")).wait_for()
    seen.page.get_by_role("link", name=re.compile("cork-cluster")).first.wait_for()


@pytest.mark.parametrize("size", SIZES)
def test_create_replace_history_drop(small, visit, tokens, size):
    name = f"walk-{size}"
    seen = visit(small, width=SIZES[size][0], height=SIZES[size][1])
    seen.go("/console/policies")
    press(seen, "New policy")
    seen.picture("policy-new")
    assert seen.barriers() == [] and seen.sideways() == []
    write(seen, json.dumps({"note": {"name": name, "text": "first"}}))
    seen.page.get_by_role("button", name=CONFIRM).wait_for()
    assert not has(small, tokens["read"], "note", name), "a preview changes nothing"
    seen.picture("policy-new-preview")
    assert seen.barriers() == [] and seen.sideways() == []
    press(seen, CONFIRM)
    seen.page.get_by_role("heading", level=1, name=re.compile(name)).wait_for()
    assert has(small, tokens["read"], "note", name)

    press(seen, "Replace")
    text = field(seen).input_value()
    write(seen, text.replace("first", "second"))
    seen.page.get_by_role("button", name=CONFIRM).wait_for()
    preview = seen.page.get_by_role("main").inner_text()
    assert "first" in preview and "second" in preview, "the preview shows what was and what comes"
    seen.picture("policy-replace-preview")
    assert seen.barriers() == [] and seen.sideways() == []
    press(seen, CONFIRM)
    seen.page.get_by_role("heading", level=1, name=re.compile(name)).wait_for()

    press(seen, "History")
    seen.page.get_by_role("heading", level=1, name="History").wait_for()
    told = seen.page.get_by_role("main").inner_text()
    assert "first" in told and "second" in told
    assert "admin-token" in told and "127.0.0.1" in told, "the history says who and from where"
    seen.picture("policy-history")
    assert seen.barriers() == [] and seen.sideways() == []

    press(seen, "Drop")
    seen.page.get_by_role("button", name=CONFIRM).wait_for()
    assert has(small, tokens["read"], "note", name)
    seen.picture("policy-drop-preview")
    assert seen.barriers() == [] and seen.sideways() == []
    press(seen, CONFIRM)
    seen.page.get_by_text("was dropped").first.wait_for()
    seen.picture("policy-dropped")
    assert not has(small, tokens["read"], "note", name)


@pytest.mark.parametrize("text", ['{"note": ', "[]", '{"operator": {"name": "half"}}', '{"cluster": {"name": "cork-cluster", "company": "x"}}', ""])
def test_what_cannot_be_is_said_before(small, visit, text):
    seen = visit(small)
    seen.allowed += ["400", "409", "422"]
    seen.go("/console/policies")
    press(seen, "New policy")
    write(seen, text)
    seen.page.get_by_role("alert").or_(seen.page.locator("textarea:invalid")).first.wait_for()
    assert seen.page.get_by_role("button", name=CONFIRM).count() == 0
    if text:
        assert field(seen).input_value() == text, "what was typed is still there"
    assert seen.barriers() == []


def test_a_policy_that_somebody_changed_meanwhile(small, visit, tokens):
    [one] = small.publish([{"note": {"name": "contested", "text": "mine"}}], tokens["admin"])[:1]
    one = one.decode()
    seen = visit(small)
    seen.allowed += ["409", "412"]
    seen.go(f"/console/policies/one?id={one}")
    press(seen, "Replace")
    text = field(seen).input_value()
    write(seen, text.replace("mine", "from the page"))
    seen.page.get_by_role("button", name=CONFIRM).wait_for()
    small.request("PUT", f"/v1/policies/{one}", {"note": {"name": "contested", "text": "theirs"}}, tokens["admin"], {"If-Match": "*"})
    press(seen, CONFIRM)
    seen.page.get_by_role("alert").first.wait_for()
    _, _, body = small.request("GET", f"/v1/policies/{one}", token=tokens["read"])
    assert b"theirs" in body, "what somebody else wrote is not lost"
    text = field(seen).input_value()
    assert "from the page" in text, "what was written is not lost either"
    seen.picture("policy-contested")
    assert seen.barriers() == [] and seen.sideways() == []


def test_import_and_export(small, visit, tokens):
    seen = visit(small)
    seen.go("/console/policies")
    press(seen, "Import")
    chosen = seen.page.get_by_label("File", exact=True)
    rows = "\n".join(json.dumps({"imported": {"name": f"imported-{number}"}}) for number in range(30))
    chosen.set_input_files({"name": "policies.json", "mimeType": "application/json", "buffer": rows.encode()})
    press(seen, PREVIEW)
    seen.page.get_by_role("button", name=CONFIRM).wait_for()
    assert not has(small, tokens["read"], "imported", "imported-7")
    seen.picture("policies-import-preview")
    assert seen.barriers() == [] and seen.sideways() == []
    press(seen, CONFIRM)
    seen.page.get_by_text(re.compile(r"\b30\b")).first.wait_for()
    assert has(small, tokens["read"], "imported", "imported-7")
    seen.go("/console/policies")
    with seen.page.expect_download() as load:
        press(seen, "Export")
    kept = load.value.path().read_text()
    assert "imported-7" in kept and "cork-cluster" in kept


def test_a_file_that_is_no_list_of_policies(small, visit):
    seen = visit(small)
    seen.allowed += ["400", "422", "413"]
    seen.go("/console/policies")
    press(seen, "Import")
    seen.page.get_by_label("File", exact=True).set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": b"\x89PNG\r\n\x00not it"})
    press(seen, PREVIEW)
    seen.page.get_by_role("alert").first.wait_for()
    assert seen.page.get_by_role("button", name=CONFIRM).count() == 0
