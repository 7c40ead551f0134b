"""The same contracts on somebody else's Ethereum network, over a node's JSON-RPC."""
