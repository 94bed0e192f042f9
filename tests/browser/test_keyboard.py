"""The console without a mouse: what has the focus is seen, and everything can be reached and done."""

from views import VIEWS

# What has the focus, as a reader of the screen would say it, and whether one sees it.
FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
    return {tag: one.tagName, text: (one.getAttribute('aria-label') || one.textContent || one.name || one.id || '').trim().slice(0, 60), seen,
            top: box.top, left: box.left, inside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth};
}"""


def tab_through(seen, most=120):
    """Presses Tab until the focus leaves the page; returns what had it."""
    found = []
    for _ in range(most):
        seen.page.keyboard.press("Tab")
        one = seen.page.evaluate(FOCUS)
        if one["tag"] == "BODY":
            break
        found.append(one)
    return found


def focus(seen, role, name):
    """Presses Tab until the named thing has the focus."""
    wanted = seen.page.get_by_role(role, name=name, exact=True).first
    for _ in range(200):
        if wanted.evaluate("one => one === document.activeElement"):
            return wanted
        seen.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach the {role} {name}")


def test_tab_order(small, visit):
    seen = visit(small)
    for view, path in VIEWS.items():
        seen.go(path)
        # The command line has the focus from the beginning: whoever comes from the address of the page starts before it.
        seen.page.evaluate("document.body.tabIndex = -1; document.body.focus()")
        found = tab_through(seen)
        assert found, view
        assert "skip" in found[0]["text"].lower(), f"{view}: the first stop is the way past the navigation, not {found[0]}"
        hidden = [one for one in found if not one["seen"] or not one["inside"]]
        assert not hidden, f"{view}: the focus is not seen on {hidden[:3]}"
        names = [one["text"] for one in found]
        assert all(names), f"{view}: a stop without a name among {names}"


def test_skip_link(small, visit):
    seen = visit(small)
    seen.go("/console/policies")
    seen.page.keyboard.press("Tab")
    seen.picture("skip-link", whole=False)
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.querySelector('main').contains(document.activeElement)"), "the next stop is in the main part"


def test_sign_in_look_around_and_sign_out(small, visit, tokens):
    seen = visit(small, role=None)
    seen.go("/console")
    if not seen.page.get_by_label("Token").evaluate("one => one === document.activeElement"):
        focus(seen, "textbox", "Token")
    seen.page.keyboard.type(tokens["admin"])
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_load_state("load")
    for name in ("Network", "Policies", "Commands", "Node", "Overview"):
        focus(seen, "link", name)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_load_state("load")
        assert seen.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).first.get_attribute("aria-current") == "page"
    focus(seen, "button", "Sign out")
    seen.page.keyboard.press("Enter")
    seen.page.get_by_label("Token").wait_for()


def test_a_policy_is_made_and_dropped(small, visit):
    seen = visit(small)
    seen.go("/console/policies")
    focus(seen, "link", "New policy")
    seen.page.keyboard.press("Enter")
    field = focus(seen, "textbox", "Policy")
    seen.page.keyboard.press("Control+A")
    seen.page.keyboard.insert_text('{"note": {"name": "made by keyboard"}}')
    assert "made by keyboard" in field.input_value()
    focus(seen, "button", "Preview")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_load_state("load")
    focus(seen, "button", "Confirm")
    seen.page.keyboard.press("Enter")
    seen.page.get_by_role("heading", level=1, name="made by keyboard").wait_for()
    focus(seen, "link", "Drop")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_load_state("load")
    focus(seen, "button", "Confirm")
    seen.page.keyboard.press("Enter")
    seen.page.get_by_text("was dropped").first.wait_for()


def test_command_line_and_table(small, visit):
    seen = visit(small)
    seen.go("/console/commands")
    line = seen.page.get_by_label("Command", exact=True).first
    for _ in range(60):
        if line.evaluate("one => one === document.activeElement"):
            break
        seen.page.keyboard.press("Tab")
    seen.page.keyboard.type("blockchain get operator bring.table [*][name] [*][city] [*][port]")
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("Enter")
    table = seen.page.get_by_role("region", name="Answers").get_by_role("table").first
    table.wait_for()
    heading = table.get_by_role("button").first
    for _ in range(60):
        if heading.evaluate("one => one === document.activeElement"):
            break
        seen.page.keyboard.press("Tab")
    column = lambda: [row.get_by_role("cell").or_(row.get_by_role("rowheader")).first.inner_text()
                      for row in table.get_by_role("row").all()[1:]]
    seen.page.keyboard.press("Enter")
    first = column()
    assert first == sorted(first)
    seen.page.keyboard.press("Enter")
    assert column() == sorted(first, reverse=True)
    assert table.locator("th[aria-sort]").count() == 1
    # The line has what was typed before, also on the next page.
    line.focus()
    seen.page.keyboard.type("get status")
    seen.page.keyboard.press("Escape")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_timeout(500)
    seen.go("/console/commands")
    seen.page.get_by_label("Command", exact=True).first.focus()
    seen.page.keyboard.press("ArrowUp")
    assert line.input_value() == "get status"
    seen.page.keyboard.press("ArrowUp")
    assert line.input_value().startswith("blockchain get operator")
    seen.page.keyboard.press("ArrowDown")
    assert line.input_value() == "get status"
