"""What an API key may do, each scope one sentence."""

SCOPES = {
    "devices:read": "See devices, readings and agreements.",
    "devices:write": "Register devices and make agreements.",
    "readings:write": "Send meter files and issue certificates of them.",
    "certificates:read": "See lots, holdings and retirements.",
    "certificates:write": "Link addresses of your own, and bring what you signed there.",
    "sessions:read": "See charging sessions and what they were matched with.",
    "sessions:write": "Send charging sessions and match them.",
}
