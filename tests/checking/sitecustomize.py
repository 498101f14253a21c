"""On the path of the servers that tests start: every answer is held against the contract, and a bad one is a 500."""

from fakekit.api.service import Service

Service.checks_responses = True
