"""What all tests of the console share: one browser, one node with a large ledger, pages that are watched."""

import os

import pytest
from playwright.sync_api import sync_playwright

import policies
from node import Node, make_token
from watched_page import WatchedPage

PROGRAM = os.environ["CONSOLE_PROGRAM"]
notes = []


@pytest.fixture(scope="session")
def browser():
    # As root Chromium refuses to build its sandbox; everybody else has it.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=os.environ["CONSOLE_BROWSER"], args=options)
        yield one
        one.close()


@pytest.fixture(scope="session")
def tokens():
    """Tokens of an administrator, a publisher and a reader, with the value of REST_TOKENS."""
    made = {role: make_token(PROGRAM, role + "-token", role) for role in ("admin", "publish", "read")}
    return {role: secret for role, (secret, _) in made.items()} | {"lines": " ".join(line for _, line in made.values())}


@pytest.fixture(scope="session")
def start_node(tokens):
    """Starts nodes that are gone at the end; with `AUTH=token` unless something else is said."""
    started = []

    def start(**variables):
        made = Node(PROGRAM, **{"AUTH": "token", "REST_TOKENS": tokens["lines"], "COMPANY_NAME": policies.COMPANY, **variables})
        started.append(made)
        return made.start()

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="session")
def large(start_node, tokens):
    """The node with the whole ledger; tests leave it as they found it, but for policies of their own."""
    made = start_node(NODE_NAME="orchard-master")
    policies.fill(made, tokens["admin"])
    return made


@pytest.fixture(scope="session")
def small(start_node, tokens):
    """A node with sites and nodes and few sensors."""
    made = start_node(NODE_NAME="small-master")
    policies.fill(made, tokens["admin"], 400)
    return made


@pytest.fixture
def visit(browser, tokens):
    """Opens pages, signed in as an administrator unless told otherwise; at the end none of them may have a fault."""
    opened = []

    def open_page(node, role="admin", **options):
        made = WatchedPage(browser, node, **options)
        opened.append(made)
        if role:
            made.sign_in(tokens[role])
        return made

    yield open_page
    found = []
    for one in opened:
        found += one.faults()
        one.close()
    assert not found, "\n".join(found)


@pytest.fixture
def note():
    """Keeps a figure that is told and not judged: machines differ."""
    return lambda text: notes.append(text)


def pytest_runtest_logreport(report):
    """Prints the lines that the other scripts print."""
    name = report.nodeid.split("/")[-1].removeprefix("test_").replace(".py::test_", ": ").replace("_", " ")
    if report.skipped and report.when == "setup":
        print(f"\nskipped: console {name}: {report.longrepr[-1]}", flush=True)
    elif report.failed:
        print(f"\nFAILED: console {name}" + ("" if report.when == "call" else f" ({report.when})"), flush=True)
    elif report.when == "call" and report.passed:
        print(f"\nok: console {name} ({report.duration:.1f} s)", flush=True)


def pytest_report_teststatus(report):
    """The dots of pytest would stand among the lines."""
    return (report.outcome, "", "") if report.when == "call" or report.outcome != "passed" else None


def pytest_terminal_summary():
    for line in notes:
        print("note:", line)
