#!/bin/sh
# 2. With the control API of a running server: any program that can send HTTP can set a fault.
set -eu
cd "$(dirname "$0")"
origin=${FAKEKIT_URL:-http://127.0.0.1:4310}
export XTRAKIT_BASE_URL="$origin/api/v1" XTRAKIT_API_KEY="fk_by_control_$$"

curl -sSf -H 'Fakekit-Control: 1' -H 'Content-Type: application/json' \
    -d '{"fault": "fail", "status": 503, "times": 2, "method": "GET", "path": "customers/1"}' \
    "$origin/_fakekit/accounts/$XTRAKIT_API_KEY/faults"

python client.py
