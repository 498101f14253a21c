"""Faults and stubs: answers that are not what the contract would give, on demand.

Each is one small class whose settings are its JSON, validated before anything is applied. A fault is
written as JSON, ``{"fault": "fail", "status": 503, "times": 2}``, or as text, ``fail=503,times=2``.
"""
