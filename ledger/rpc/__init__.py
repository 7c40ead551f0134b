"""Ethereum's JSON-RPC over the embedded chain, for reading by anyone.

Methods and forms are those of ethereum/execution-apis. What is answered in one HTTP request
comes from one sealed block. Importing the machine costs a second, so the view imports
`dispatch` at the first request and not before.
"""
