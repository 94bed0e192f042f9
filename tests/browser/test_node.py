"""The node itself: how it started, what runs, with which configuration, what its log says, what can be taken along."""

import re

import pytest

from views import SCHEMES, SIZES

SECRET = "v3ry-s3cret-value"


@pytest.fixture(scope="module")
def kept(start_node):
    """A node with a secret in its configuration."""
    return start_node(NODE_NAME="kept-master", DB_PASSWD=SECRET, NOTIFY_TEST="x")


@pytest.mark.parametrize("part", ["Boot", "Processes", "Configuration", "Log", "Metrics", "Backup", "Relay"])
def test_every_part_is_there(small, visit, part):
    seen = visit(small)
    seen.go("/console/node")
    seen.page.get_by_role("heading", name=re.compile(part, re.I)).or_(
        seen.page.get_by_role("main").get_by_role("link", name=re.compile(part, re.I))).first.wait_for()


def parts(seen):
    """Returns the pages that the view leads to inside itself."""
    return sorted({href for link in seen.page.locator('main a[href^="/console/node"]').all() if (href := link.get_attribute("href"))
                   and "download" not in href and "/backup/" not in href and "#" not in href})


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_the_view(small, visit, size, scheme):
    seen = visit(small, width=SIZES[size][0], height=SIZES[size][1], scheme=scheme)
    seen.go("/console/node")
    for path in parts(seen):
        assert seen.go(path).status == 200, path
        seen.page.wait_for_timeout(300)
        seen.picture("node" + re.sub(r"\W+", "-", path.removeprefix("/console/node")))
        assert seen.sideways() == [], path
        assert seen.barriers() == [], path


def test_secrets_are_nowhere(kept, visit, tokens):
    seen = visit(kept)
    seen.go("/console/node")
    for path in ["/console/node", *parts(seen)]:
        seen.go(path)
        text = seen.page.content()
        assert SECRET not in text, path
        assert not any(secret in text for role, secret in tokens.items() if role != "lines"), path


def test_log_lines_arrive_and_are_filtered(small, visit):
    seen = visit(small)
    seen.go("/console/node")
    link = seen.page.get_by_role("main").get_by_role("link", name="Log", exact=True)
    if link.count():
        link.first.click()
    field = seen.page.get_by_label("Filter").first
    field.wait_for()
    seen.page.wait_for_timeout(500)
    field.fill("no line has these words")
    seen.page.wait_for_timeout(800)
    seen.picture("node-log-filtered")
    assert seen.barriers() == []


def test_backup_is_downloaded(small, visit):
    seen = visit(small)
    seen.go("/console/node")
    link = seen.page.get_by_role("main").get_by_role("link", name="Backup", exact=True)
    if link.count():
        link.first.click()
    with seen.page.expect_download() as load:
        name = re.compile("download", re.I)
        seen.page.get_by_role("main").get_by_role("link", name=name).or_(seen.page.get_by_role("button", name=name)).first.click()
    text = load.value.path().read_text()
    assert "cork-cluster" in text and text.count("\n") >= 400
