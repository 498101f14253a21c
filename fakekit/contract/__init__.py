"""What is promised: fields, schemas, envelopes, endpoints, and how sure we are of each."""

LARGEST_POPULATION = 1_000_000
"""How many records of a resource a seed may be asked for."""
LARGEST_SALES = 600_000
"""How many sales: generated invoice codes have six digits, and begin with 4 to 9."""

INVOICE_PREFIX = "INV-"
"""What invoice numbers begin with in the vendor's samples; an account may have another prefix (add-sale)."""
