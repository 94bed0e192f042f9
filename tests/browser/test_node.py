"""The node itself: how it started, what runs, with which configuration, what its log says, what can be taken along."""

import contextlib
import re
import subprocess
import urllib.request

import pytest

from views import SCHEMES, SIZES, VIEWS

SECRET = "v3ry-s3cret-value"


@pytest.fixture(scope="module")
def kept(start_node):
    """A node with a secret in its configuration."""
    return start_node(NODE_NAME="kept-master", DB_PASSWD=SECRET)


@pytest.mark.parametrize("part", ["Boot", "Processes", "Configuration", "Log", "Metrics", "Backup", "Relay"])
def test_every_part_is_there(small, visit, part):
    seen = visit(small)
    seen.go("/console/node")
    seen.page.get_by_role("heading", name=re.compile(part, re.I)).or_(
        seen.page.get_by_role("main").get_by_role("link", name=re.compile(part, re.I))).first.wait_for()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_everything_unfolded(small, visit, size, scheme):
    seen = visit(small, width=SIZES[size][0], height=SIZES[size][1], scheme=scheme)
    seen.go("/console/node")
    seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    seen.page.get_by_label("Only what somebody set").uncheck()
    seen.page.wait_for_timeout(300)
    seen.picture("node-unfolded")
    assert seen.sideways() == []
    assert seen.barriers() == []


def test_secrets_are_nowhere(kept, visit, tokens):
    seen = visit(kept)
    for path in VIEWS.values():
        seen.go(path)
        seen.page.wait_for_timeout(300)
        text = seen.page.content()
        assert SECRET not in text, path
        assert not any(secret in text for role, secret in tokens.items() if role != "lines"), path


def test_log_lines_arrive_and_are_filtered(small, visit):
    seen = visit(small)
    seen.go("/console/node")
    log = seen.page.get_by_role("log")
    log.get_by_role("listitem").first.wait_for()
    seen.page.get_by_text("Live.").wait_for()
    seen.page.get_by_label("Filter").fill("ready")
    log.get_by_text("ready").first.wait_for()
    seen.page.get_by_label("Filter").fill("alm_wrong")
    seen.page.wait_for_function("() => !document.querySelector('[role=log] li')")
    # What is written from now on arrives by itself: the node says what comes to the port of members and is HTTP.
    seen.page.get_by_label("Filter").fill("HTTP")
    seen.page.wait_for_timeout(600)
    with contextlib.suppress(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{small.tcp}/", timeout=5)
    log.get_by_text("HTTP").first.wait_for()
    seen.picture("node-log-filtered")
    assert seen.barriers() == []


def test_backup_is_downloaded(small, visit, tokens, tmp_path):
    seen = visit(small)
    seen.go("/console/node")
    with seen.page.expect_download() as load:
        seen.page.get_by_role("button", name="Download a backup").click()
    kept = tmp_path / load.value.suggested_filename
    load.value.save_as(kept)
    said = subprocess.run([small.program, "verify", "--embedded", "--backup", str(kept)], cwd=small.directory, capture_output=True, text=True,
                          env={**small.variables, "REST_TOKEN": tokens["admin"]})
    assert said.returncode == 0, said.stdout + said.stderr


def test_figures_are_asked_for_anew(small, visit):
    seen = visit(small)
    seen.go("/console/node")
    with seen.page.expect_request("**/console/node/figures", timeout=15000):
        pass
    assert seen.barriers() == []
