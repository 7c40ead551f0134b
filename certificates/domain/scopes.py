"""What an API key may do, each scope one sentence."""

SCOPES = {
    "devices:read": "See devices, readings and agreements.",
    "devices:write": "Register and change devices, make and answer agreements.",
    "readings:write": "Send meter files and issue certificates of them.",
    "certificates:read": "See lots, certificates you hold and retirements.",
    "certificates:write": "Transfer, offer, reserve and use certificates, say whom you trade "
    "with; bring what you signed at an address of your own.",
    "registry:write": "Lock and withdraw certificates of any holder, register organisations, "
    "decide on devices that were handed in (registrars only).",
    "sessions:read": "See charging sessions and what they were matched with.",
    "sessions:write": "Send charging sessions and match them.",
    "score:write": "Show the charging company's score to everyone, or take it back.",
}
