"""The ledger that the tests look at: a company with sites, nodes, tables and very many sensors, the same in each run."""

import hashlib
import os

COUNT = int(os.environ.get("CONSOLE_POLICIES", "50000"))
TOGETHER = 1000  # policies that the node adds at once at most
COMPANY = "Orchard Foods"
SITES = ["Aarhus", "Bergen", "Bilbao", "Bremen", "Cork", "Gdansk", "Ghent", "Graz", "Leeds", "Lille", "Lyon", "Malmo", "Nantes", "Oulu",
         "Porto", "Riga", "Tartu", "Trento", "Turku", "Utrecht"]
KINDS = ["temperature", "humidity", "pressure", "flow", "vibration", "level", "current", "voltage"]
UNITS = {"temperature": "°C", "humidity": "%", "pressure": "bar", "flow": "l/min", "vibration": "mm/s", "level": "mm", "current": "A",
         "voltage": "V"}


def identity(*words):
    """Returns an id that stays the same from run to run."""
    return hashlib.md5(" ".join(words).encode()).hexdigest()


def infrastructure():
    """Returns the nodes, clusters and tables of all sites."""
    made = []
    for number, site in enumerate(SITES, 1):
        name = site.lower()
        cluster = identity("cluster", name)
        tables = [{"dbms": name, "name": kind} for kind in KINDS]
        made.append({"cluster": {"id": cluster, "name": f"{name}-cluster", "company": COMPANY, "table": tables}})
        for copy in (1, 2):
            made.append({"operator": {"name": f"{name}-operator-{copy}", "company": COMPANY, "hostname": f"{name}-op{copy}",
                                      "ip": f"10.{number}.0.{copy}", "port": 32148, "rest_port": 32149, "cluster": cluster,
                                      "loc": f"{50 + number / 10:.4f}, {number / 2:.4f}", "city": site}})
        made += [{"table": {"name": kind, "dbms": name, "company": COMPANY,
                            "create": f"CREATE TABLE IF NOT EXISTS {kind}(row_id SERIAL PRIMARY KEY, insert_timestamp TIMESTAMP NOT NULL "
                                      f"DEFAULT NOW(), timestamp TIMESTAMP, value FLOAT);"}} for kind in KINDS]
    for number, site in enumerate(SITES[:6], 1):
        made.append({"query": {"name": f"{site.lower()}-query", "company": COMPANY, "ip": f"10.{number}.1.1", "port": 32348,
                               "rest_port": 32349}})
    for number, site in enumerate(SITES[:4], 1):
        made.append({"publisher": {"name": f"{site.lower()}-publisher", "company": COMPANY, "ip": f"10.{number}.2.1", "port": 32248,
                                   "rest_port": 32249}})
    made.append({"mapping": {"dbms": "aarhus", "table": "temperature",
                             "schema": {"timestamp": {"type": "timestamp", "bring": "[time]", "default": "now()"},
                                        "value": {"type": "float", "bring": "[reading][value]"}}}})
    return made


def sensors(count):
    """Yields that many sensors, spread over sites and halls."""
    for number in range(count):
        site, kind = SITES[number % len(SITES)], KINDS[number // len(SITES) % len(KINDS)]
        yield {"sensor": {"name": f"{site.lower()}-{kind}-{number:05}", "site": site, "hall": number // 160 % 12 + 1, "kind": kind,
                          "unit": UNITS[kind], "serial": f"SN-{identity('serial', str(number))[:10].upper()}",
                          "limits": {"low": number % 7, "high": 40 + number % 30, "alarm": {"after": "90 s", "to": ["shift", "office"]}},
                          "table": f"{site.lower()}.{kind}"}}


def fill(node, token, count=COUNT):
    """Publishes the whole ledger of the tests."""
    made = infrastructure()
    node.publish(made, token)
    left = list(sensors(max(0, count - len(made) - 2)))
    for start in range(0, len(left), TOGETHER):
        node.publish(left[start:start + TOGETHER], token)
