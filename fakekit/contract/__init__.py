"""What is promised: fields, schemas, envelopes, endpoints, and how sure we are of each."""

LARGEST_POPULATION = 1_000_000
"""How many customers a seed may be asked for."""

INVOICE_PREFIX = "INV-"
"""What invoice numbers begin with in the vendor's samples; an account may have another prefix (add-sale)."""
