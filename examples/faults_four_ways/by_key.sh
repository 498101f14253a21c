#!/bin/sh
# 4. In the key, for a program that cannot be changed: the fault is written into the key in its configuration.
set -eu
cd "$(dirname "$0")"
origin=${FAKEKIT_URL:-http://127.0.0.1:4310}
export XTRAKIT_BASE_URL="$origin/api/v1"
export XTRAKIT_API_KEY="fk_by_key_$$~fail=503,times=2,method=GET,path=customers/1"

python client.py
