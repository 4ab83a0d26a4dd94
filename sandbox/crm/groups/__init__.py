"""One file per group of operations, found by itself: a module here that holds a `GROUP` is served.

To add a group, write its tables (children of `Base`), its shapes (pydantic), its handlers (plain async
functions: work on rows inside one `room.db.session()` and await nothing there) and a `router()` that lists
them under the contract's paths, and end with `GROUP = Group(router, ...)`. Name handlers as in the contract's
operation ids. `moderated` brings its content into the unified moderation, `seed` fills the demo. Raise
`BackendError` where the backend answers its plain 500; set `request.state.drop_connection = True` where it
closes the connection.
"""
