"""Pages to look at a running fake in a browser, and to change it.

Each page is a row of the table in `fakekit.console.views`: a view function over the operations of the control
API, and a template. `fakekit.console.rendering` checks who asks, calls the function and renders the template.
"""

CONSOLE = "/_fakekit/console"
"""The path below which all pages are; ``/`` leads there when the client prefers HTML."""
