"""The one business that every record belongs to (documented: fetch-customer; one per key is implied)."""

USER_ID = "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10"
BUSINESS_CODE = "15848484"
# The names stand in `created_by` and `issued_by` of the vendor's samples, or are our own.
STAFF = ("Edward", "Abena", "Benjamin", "Efua", "Kojo", "Jones Nathal")
OWNER = STAFF[0]
