"""What somebody who may publish, or who names a node, would write to have a script run in the page of an operator."""

MARK = "document.documentElement.dataset.taken=1"
TEXTS = [
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"<img src=x onerror={MARK}>",
    f"\"><img src=x onerror={MARK}>",
    f"'><svg onload={MARK}>",
    f"<svg><script>{MARK}</script></svg>",
    f"\" autofocus onfocus={MARK} x=\"",
    f"' onmouseover='{MARK}",
    f"javascript:{MARK}",
    f"</textarea><script>{MARK}</script>",
    f"</title></style><script>{MARK}</script>",
    f"<iframe srcdoc='<script>parent.{MARK}</script>'>",
    f"<a href=javascript:{MARK}>press</a>",
    f"<form action=//evil.example><button>press</button>",
    "<base href=//evil.example/><meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/a.css><style>@import '//evil.example/b.css'</style>",
    "{{7*7}} {% include 'x' %} ${7*7} <%= 7 %>",
    f"<div hx-get='/console/node' hx-trigger=load hx-on::load='{MARK}'>x</div>",
    f"\u2028\u2029\u202e<script>{MARK}</script>\u0000".replace("\u0000", ""),
    "&lt;script&gt;&#x27;&quot;",
    "\x1b[31mred\x07",
    "x" * 3000,
]

# What the page may never have, however it came there; the page's own scripts are files and its own links begin with a slash.
TRACES = """() => {
    const found = [];
    if (document.documentElement.dataset.taken) found.push('a script ran');
    for (const one of document.querySelectorAll('script')) if (!one.src || !one.src.startsWith(location.origin)) found.push(one.outerHTML.slice(0, 200));
    for (const one of document.querySelectorAll('iframe, object, embed, base, img, link[href*="evil"], style, meta[http-equiv], form[action*="evil"], svg script'))
        if (!(one.tagName === 'IMG' && one.src.startsWith(location.origin))) found.push(one.outerHTML.slice(0, 200));
    for (const one of document.querySelectorAll('*')) for (const {name, value} of one.attributes) {
        if (/^on/i.test(name) || /^hx-on/i.test(name) || name === 'style') found.push(one.outerHTML.slice(0, 200));
        if (/^(href|src|action|formaction|xlink:href)$/i.test(name) && /^\\s*(javascript|data|vbscript):/i.test(value) && !/^data:image/.test(value)) found.push(one.outerHTML.slice(0, 200));
    }
    return found;
}"""


def policies():
    """Returns policies that carry each text in every place that a view shows."""
    made = []
    for number, text in enumerate(TEXTS):
        made.append({"note": {"name": text, "text": text, text: text, "list": [text, {text: [text]}]}})
        made.append({"table": {"name": f"{number}{text}", "dbms": text, "create": text}})
        made.append({"cluster": {"id": f"{number:032x}", "name": f"{number}{text}", "company": text,
                                 "table": [{"dbms": text, "name": text}]}})
        made.append({"operator": {"name": f"{number}{text}", "company": text, "ip": f"10.9.9.{number + 1}", "port": 32148,
                                  "cluster": f"{number:032x}", "loc": text, "city": text, "hostname": text}})
        made.append({"query": {"name": f"{number}{text}", "company": text, "ip": f"10.9.8.{number + 1}", "port": 32348, "city": text}})
        made.append({text: {"name": f"of a hostile type {number}", "value": text}})
    return made
