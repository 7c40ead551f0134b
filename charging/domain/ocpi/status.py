"""What an answer's `status_code` means (OCPI 2.2.1, "Status codes")."""

SUCCESS = 1000
CLIENT_ERROR = 2000
INVALID = 2001  # invalid or missing parameter
TOO_LITTLE = 2002  # not enough information
UNKNOWN_LOCATION = 2003
UNKNOWN_TOKEN = 2004
SERVER_ERROR = 3000
PEER_UNUSABLE = 3001  # the other side's addresses cannot be used
UNSUPPORTED_VERSION = 3002
NO_MATCHING_ENDPOINTS = 3003
