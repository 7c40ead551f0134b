"""One process tree: queue, worker, chain writer and web under one parent.

`plan` says what runs, `tree` keeps it running, `child` is one process, `leash` ties a
process to its parent's life, `warden` clears up when the parent was killed outright.
"""
