"""The positions on how the body and the query of a request are read; a part of the table of all positions."""

from __future__ import annotations

from fakekit.contract.assumptions import Assumption

REQUEST_POSITIONS: tuple[Assumption, ...] = (
    Assumption(
        "body.unknown_fields",
        "Unknown fields and query parameters are accepted and ignored; the note names them.",
        "It is usual for this kind of service.",
    ),
    Assumption(
        "body.numbers",
        "A string of digits is accepted for an int.",
        "PHP clients send strings; the vendor's own samples do.",
    ),
    Assumption(
        "body.forms",
        "A form (urlencoded or multipart) is read like a JSON object of its fields.",
        "The text says JSON; PHP's curl sends forms by default.",
    ),
    Assumption(
        "body.codings",
        "A body in the content coding gzip or deflate is decoded. `false` answers it 415, as it is for any "
        "other coding.",
        "RFC 9110 leaves it to the server which codings it reads, and no page names one. A client that "
        "compresses its bodies was written for a service that decodes them.",
        True,
        (True, False),
    ),
    Assumption(
        "values.empty",
        'An empty value, `name=` in a query or a form and `""` in JSON, is read as null: a filter is not '
        "applied, an optional field has no value, and a required one is missing. With `text` it is the text "
        "without characters: a field that is text has it then, and any other refuses it.",
        "Forms send an empty value for each field that was left blank. Laravel, the most common framework of "
        "PHP, reads it as null in forms and JSON alike.",
        "null",
        ("null", "text"),
    ),
)
