"""Faults and stubs: failures and other responses that a test asks for.

Each kind of fault is a small class; the settings in its JSON are validated before it is applied. A fault is
written as JSON, ``{"fault": "fail", "status": 503, "times": 2}``, or as text, ``fail=503,times=2``.
"""
