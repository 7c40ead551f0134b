"""What an API key may do, each scope one sentence."""

SCOPES = {
    "devices:read": "See devices, readings and agreements.",
    "devices:write": "Register devices and make agreements.",
    "readings:write": "Send meter files and issue certificates of them.",
    "certificates:read": "See lots, certificates you hold and retirements.",
    "certificates:write": "Transfer, reserve and use certificates; bring what you signed "
    "at an address of your own.",
    "registry:write": "Lock and withdraw certificates of any holder (registrars only).",
    "sessions:read": "See charging sessions and what they were matched with.",
    "sessions:write": "Send charging sessions and match them.",
}
