"""Every view on a phone and on a desk, light and dark: nothing scrolls sideways, nobody is kept out, nothing is fetched from outside."""

import pytest

from views import SCHEMES, SIZES, VIEWS


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
def test_view(large, visit, view, size, scheme):
    seen = visit(large, width=SIZES[size][0], height=SIZES[size][1], scheme=scheme)
    assert seen.go(VIEWS[view]).status == 200
    assert seen.page.locator("h1").count() == 1
    assert seen.page.get_by_role("main").count() == 1
    seen.page.wait_for_timeout(300)
    seen.picture(view)
    assert seen.sideways() == []
    assert seen.barriers() == []


@pytest.mark.parametrize("view", VIEWS)
def test_without_script(large, visit, view):
    # Links and forms have to do without: the page is there, and the way to the others.
    seen = visit(large, role="read", script=False)
    assert seen.go(VIEWS[view]).status == 200
    assert seen.page.locator("h1").count() == 1
    for other in VIEWS.values():
        assert seen.page.locator(f'nav a[href="{other}"]').count() >= 1


def test_first_view_is_there_in_100_ms(large, visit, note):
    seen = visit(large)
    seen.go("/console")
    times = []
    for _ in range(5):
        seen.go("/console")
        times.append(seen.page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))
    note(f"first view with the whole ledger: {sorted(times)[2]:.0f} ms to DOMContentLoaded (median of 5)")


def test_all_files_together_are_150_kb_at_most(large, visit, tokens, note):
    seen = visit(large, role=None)
    sizes = {}

    def see(request):
        if request.url.startswith(large.url + "/console/assets/"):
            # What comes out of the browser's own store has no size.
            sizes[request.url] = max(sizes.get(request.url, 0), request.sizes()["responseBodySize"])

    seen.page.on("requestfinished", see)
    seen.sign_in(tokens["admin"])
    for path in VIEWS.values():
        seen.go(path)
    note(f"files of all views: {sum(sizes.values()) / 1024:.0f} KB on the wire")
    assert 20 * 1024 < sum(sizes.values()) <= 150 * 1024, sizes
