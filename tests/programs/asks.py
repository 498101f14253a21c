import json, sys, urllib.request
from urllib.error import HTTPError


def ask(base_url, key):
    asked = urllib.request.Request(base_url + "/customers/1", headers={"Authorization": "Bearer " + key})
    try:
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=40).status
    except HTTPError as error:
        with error:
            return error.code


def ask_all(base_url):
    keys = ["fk_q~fail=503,after=%d" % number for number in range(1, 60)] + ["fk_q"]
    print(json.dumps([ask(base_url, key) for key in keys]), flush=True)
