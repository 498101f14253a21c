"""What is promised: fields, schemas, envelopes, endpoints, and how sure we are of each."""
