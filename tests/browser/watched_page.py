"""A page of the browser that is watched: what it may never do is found at the end of each test, whatever the test was about."""

import os
from pathlib import Path

POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
AXE = Path(os.environ["CONSOLE_AXE"]).read_text()
PICTURES = Path(os.environ["CONSOLE_PICTURES"])

# Every element that reaches over the right edge without a box of its own that scrolls.
SIDEWAYS = """() => {
    const edge = document.documentElement.clientWidth, out = [];
    if (document.documentElement.scrollWidth <= edge && document.body.scrollWidth <= edge) return out;
    for (const one of document.body.querySelectorAll('*')) {
        if (one.getBoundingClientRect().right <= edge + 1) continue;
        let box = one.parentElement;
        while (box && box !== document.body && !/auto|scroll|hidden|clip/.test(getComputedStyle(box).overflowX)) box = box.parentElement;
        if (!box || box === document.body) out.push(one.outerHTML.slice(0, 160));
    }
    return out.length ? out.slice(0, 5) : ['the page is ' + document.documentElement.scrollWidth + ' wide and no element says why'];
}"""


class WatchedPage:
    """A page in a context of its own; `allowed` are parts of texts in the browser's console that a test expects."""

    def __init__(self, browser, node, width=1280, height=800, scheme="light", without_policy=False, script=True):
        self.node = node
        self.width, self.scheme = width, scheme
        self.without_policy = without_policy
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=without_policy,
                                           java_script_enabled=script, accept_downloads=True, reduced_motion="reduce")
        self.context.set_default_timeout(15000)
        self.page = self.context.new_page()
        self.allowed, self.said, self.foreign, self.dialogs, self.policies = [], [], [], [], []
        self.page.on("console", self.see_line)
        self.page.on("pageerror", lambda error: self.said.append(f"uncaught: {error}"))
        self.page.on("request", self.see_request)
        self.page.on("response", self.see_response)
        self.page.on("dialog", self.see_dialog)

    def see_line(self, line):
        # A text that is shown as it is has no icon of its own, and the browser looks for one at the root.
        if line.type in ("error", "warning") and not line.location.get("url", "").endswith("/favicon.ico"):
            self.said.append(f"{line.type}: {line.text} ({line.location.get('url')})")

    def see_request(self, request):
        if not request.url.startswith((self.node.url + "/", "data:", "blob:" + self.node.url)):
            self.foreign.append(request.url)

    def see_response(self, response):
        if response.request.resource_type == "document" and response.url.startswith(self.node.url):
            headers = response.headers
            if "text/html" in headers.get("content-type", ""):
                self.policies.append((response.url, headers))

    def see_dialog(self, dialog):
        # A question before the page is left is the page's own; an alert is a script of somebody else.
        self.dialogs.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()

    def go(self, path):
        """Opens a path of the console and returns the answer."""
        return self.page.goto(self.node.url + path, wait_until="load")

    def sign_in(self, token):
        """Signs in through the form, as people do."""
        self.go("/console/sign-in")
        self.page.get_by_label("Token").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_load_state("load")
        return self

    def picture(self, name, whole=True):
        """Keeps what is seen."""
        self.page.screenshot(path=PICTURES / f"{name}-{self.width}-{self.scheme}.png", full_page=whole)

    def sideways(self):
        """Returns what makes the page scroll sideways."""
        return self.page.evaluate(SIDEWAYS)

    def barriers(self):
        """Returns what axe-core calls serious or critical."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        return [
            f"{one['impact']} {one['id']}: {one['help']}: " + "; ".join(
                f"{node['target']} {node['failureSummary'].splitlines()[-1].strip()[:200]}" for node in one["nodes"][:3])
            for one in found if one["impact"] in ("serious", "critical")
        ]

    def faults(self):
        """Returns everything that a page of the console may never do."""
        found = [line for line in self.said if not any(part in line for part in self.allowed)]
        found += [f"a request outside: {url}" for url in self.foreign]
        found += [f"a dialog: {said}" for said in self.dialogs]
        for url, headers in self.policies:
            found += [f"{url}: {fault}" for fault in header_faults(headers)]
        return found

    def close(self):
        self.context.close()


def header_faults(headers):
    """Returns what the header lines of a page lack."""
    found = []
    sent = {}
    for part in headers.get("content-security-policy", "").split(";"):
        name, *values = part.split()[:1] + part.split()[1:] if part.strip() else [""]
        if name:
            sent[name] = set(values)
    for name, values in POLICY.items():
        if name not in sent or not sent[name] <= values:
            found.append(f"Content-Security-Policy has {name} {sorted(sent.get(name, set()))}")
    if headers.get("x-content-type-options") != "nosniff":
        found.append("X-Content-Type-Options is not nosniff")
    if headers.get("referrer-policy") not in ("no-referrer", "same-origin"):
        found.append("Referrer-Policy lets addresses out")
    if "cache-control" not in headers:
        found.append("Cache-Control is missing, so that a browser may keep what only somebody signed in may see")
    return found
