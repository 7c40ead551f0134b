"""Certificates that another registry issued: reading its files, and keeping its serials apart."""
