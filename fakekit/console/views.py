"""The table of the console's pages, without the functions behind them, which are imported when first used."""

from __future__ import annotations

from typing import NamedTuple


class View(NamedTuple):
    """One page of the console, or something that a page's form does.

    function: the function that answers: the name of its module in `fakekit.console`, a dot, its name.
    path: of its route, below `fakekit.console.CONSOLE`; ``{key}`` is the account's key, ``-`` in its place
        stands for the requests without a valid key.
    method: POST for what changes something, GET for anything else.
    """

    function: str
    path: str
    method: str = "GET"

    @property
    def name(self) -> str:
        """The name of its function, which is also that of its Flask endpoint."""
        return self.function.rpartition(".")[2]


VIEWS: tuple[View, ...] = (
    View("start.home", ""),
    View("start.find_account", "/account"),
    View("start.new_account", "/account", "POST"),
    View("start.show_account", "/{key}"),
    View("start.show_account_menu", "/{key}/accounts/menu"),
    View("start.show_accounts", "/{key}/accounts"),
    View("start.close_account", "/{key}/accounts/close", "POST"),
    View("start.show_unauthenticated", "/{key}/unauthenticated"),
    View("requests.show_requests", "/{key}/requests"),
    View("requests.show_new_rows", "/{key}/requests/rows"),
    View("requests.download_har", "/{key}/requests/har"),
    View("requests.forget_requests", "/{key}/requests/forget", "POST"),
    View("request_page.show_request", "/{key}/requests/{number}"),
    View("request_page.send_again", "/{key}/requests/{number}/send", "POST"),
    View("world.show_world", "/{key}/world"),
    View("world.clear_changes", "/{key}/world/clear", "POST"),
    View("world.download_records", "/{key}/world/download"),
    View("world.show_records", "/{key}/world/{resource}"),
    View("record_form.show_new_form", "/{key}/world/{resource}/new"),
    View("record_form.add_record", "/{key}/world/{resource}/new", "POST"),
    View("record.show_record", "/{key}/world/{resource}/{named}"),
    View("record_form.show_edit_form", "/{key}/world/{resource}/{named}/edit"),
    View("record_form.edit_record", "/{key}/world/{resource}/{named}/edit", "POST"),
    View("record.delete_record", "/{key}/world/{resource}/{named}/delete", "POST"),
    View("record.restore_record", "/{key}/world/{resource}/{named}/restore", "POST"),
    View("start.show_start", "/{key}/start"),
    View("start.show_first_request", "/{key}/start/first"),
    View("start.show_reference", "/{key}/reference"),
    View("faults.show_faults", "/{key}/faults"),
    View("faults.add_fault", "/{key}/faults", "POST"),
    View("faults.set_switch", "/{key}/faults/switch", "POST"),
    View("faults.clear_faults", "/{key}/faults/clear", "POST"),
    View("faults.remove_fault", "/{key}/faults/{number}/remove", "POST"),
    View("faults.reset", "/{key}/faults/reset", "POST"),
    View("faults.undo_reset", "/{key}/faults/reset/undo", "POST"),
    View("faults.set_clock", "/{key}/faults/clock", "POST"),
    View("faults.save_snapshot", "/{key}/faults/snapshots", "POST"),
    View("faults.restore_snapshot", "/{key}/faults/snapshots/{name}/restore", "POST"),
    View("faults.drop_snapshot", "/{key}/faults/snapshots/{name}/delete", "POST"),
    View("ledger.show_ledger", "/{key}/ledger"),
    View("start.reject_address", "/{path:rest}"),
)

PLACES = {
    "requests.show_requests": "Requests",
    "world.show_world": "World",
    "faults.show_faults": "Faults and clock",
    "ledger.show_ledger": "Ledger",
    "start.show_start": "Start",
}
"""The links at the top of every page, in order: the view function of each and its title."""

CONTENTS = {
    "Requests": "what your program asked, what it got, and why",
    "World": "the records: customers, sales, items and others, to find, edit, add and delete",
    "Faults and clock": "make requests fail, set the time, reset, keep snapshots",
    "Ledger": "how sure the answers are: what is documented, and what is assumed",
    "Start": "address, key, a first request, and the API reference",
}
"""What is in each place, by its title."""
