"""The views of the console: where they are, what their heading says."""

VIEWS = {
    "overview": "/console",
    "network": "/console/network",
    "policies": "/console/policies",
    "commands": "/console/commands",
    "node": "/console/node",
}
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
SCHEMES = ("light", "dark")
