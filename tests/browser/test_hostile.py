"""Policies, names and addresses are shown as text and never become markup, with the policy of the browser and without it."""

import json
import urllib.parse

import pytest

import hostile
from views import VIEWS


@pytest.fixture(scope="module")
def attacked(start_node, tokens):
    """A node whose ledger is full of them; its own names are hostile as well."""
    made = start_node(NODE_NAME="attacked-master", COMPANY_NAME=f"<img src=x onerror={hostile.MARK}>")
    taken = 0
    for policy in hostile.policies():
        status, _, _ = made.request("POST", "/v1/policies", policy, tokens["admin"])
        taken += status in (200, 201)
    assert taken > len(hostile.TEXTS) * 3, "most of them are policies that a ledger takes"
    return made


def hold(seen):
    """Moves over everything, opens everything, and finds no trace."""
    seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    seen.page.mouse.move(300, 300)
    seen.page.wait_for_timeout(150)
    found = seen.page.evaluate(hostile.TRACES)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("without_policy", [False, True], ids=["with_CSP", "without_CSP"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view(attacked, visit, view, without_policy):
    seen = visit(attacked, width=390, height=844, without_policy=without_policy)
    seen.go(VIEWS[view])
    seen.page.wait_for_timeout(300)
    hold(seen)
    assert seen.sideways() == []
    seen.picture(f"hostile-{view}")


def ids(node, token):
    """Returns the ids of all policies."""
    _, _, body = node.request("GET", "/v1/policies?limit=1000", token=token)
    return [one["id"] for one in json.loads(body)["policies"]]


@pytest.mark.parametrize("without_policy", [False, True], ids=["with_CSP", "without_CSP"])
def test_every_policy(attacked, visit, tokens, without_policy):
    seen = visit(attacked, width=390, height=844, without_policy=without_policy)
    for one in ids(attacked, tokens["admin"])[::7 if without_policy else 23]:
        for part in ("one", "relations", "history", "edit", "drop", "raw"):
            assert seen.go(f"/console/policies/{part}?id={urllib.parse.quote(one, safe='')}").status == 200, (part, one)
            hold(seen)
            assert part == "raw" or seen.sideways() == [], (part, one)


@pytest.mark.parametrize("text", hostile.TEXTS[:18])
def test_what_is_searched_for(attacked, visit, text):
    seen = visit(attacked, without_policy=True)
    seen.go("/console/policies")
    seen.page.get_by_role("searchbox", name="Search").fill(text)
    seen.page.wait_for_timeout(500)
    hold(seen)


def test_addresses(attacked, visit):
    seen = visit(attacked, without_policy=True)
    seen.allowed += ["404", "400", "422", "421"]
    for text in hostile.TEXTS[:18:2]:
        quoted = urllib.parse.quote(text, safe="")
        for path in (f"/console/{quoted}", f"/console/policies/one?id={quoted}", f"/console/policies?text={quoted}&type={quoted}&after={quoted}",
                     f"/console/sign-in?next={quoted}&reason={quoted}&to={quoted}", f"/console/commands?command={quoted}",
                     f"/console/node?text={quoted}&level={quoted}", f"/console/network?find={quoted}&state={quoted}"):
            seen.go(path)
            hold(seen)


def test_what_commands_answer(attacked, visit):
    seen = visit(attacked, without_policy=True)
    seen.allowed += ["400", "422"]
    seen.go("/console/commands")
    for text in ("blockchain get * bring.table [*] [*][name]", "blockchain get note", "get members", f"print {hostile.TEXTS[0]}",
                 f"{hostile.TEXTS[2]}", "get dictionary", "blockchain get operator bring.table [*][name] [*][company] [*][city]"):
        seen.page.get_by_role("textbox", name="Command").or_(seen.page.get_by_role("combobox", name="Command")).first.fill(text)
        seen.page.get_by_role("button", name="Run", exact=True).click()
        seen.page.wait_for_timeout(400)
        hold(seen)


def test_log_lines(attacked, visit):
    for text in hostile.TEXTS[:10]:
        attacked.request("GET", "/v1/policies/" + urllib.parse.quote(text, safe=""), headers={"User-Agent": "x"})
    seen = visit(attacked, without_policy=True)
    seen.go("/console/node")
    seen.page.wait_for_timeout(500)
    hold(seen)


def test_after_sign_in_nobody_is_sent_away(small, visit, tokens):
    for to in ("//evil.example", "https://evil.example/console", "/\\evil.example", "/console/..//evil.example", "javascript:alert(1)"):
        seen = visit(small, role=None)
        quoted = urllib.parse.quote(to, safe="")
        seen.go(f"/console/sign-in?next={quoted}&to={quoted}&return={quoted}&from={quoted}")
        seen.page.get_by_label("Token").fill(tokens["read"])
        seen.page.get_by_role("button", name="Sign in").click()
        seen.page.wait_for_load_state("load")
        assert seen.page.url.startswith(small.url + "/") and not seen.foreign, to
