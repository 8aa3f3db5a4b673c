#!/bin/sh
# Searches a node by its API, and prints what it found: name, kilometres, who published it.
#
#   sh search_the_api.sh https://grocer.example "veg box" 54.60,-2.30 25
#
# The point and the radius (km) may be left out. curl alone prints the JSON; Python makes it readable.
set -eu

if [ $# -lt 2 ]; then
    sed -n 's/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
url=${1%/}
words=$2
near=${3:-}
radius=${4:-}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
curl --fail-with-body --silent --show-error --max-time 20 --get "$url/api/v1/search" \
    --data-urlencode "q=$words" \
    ${near:+--data-urlencode "near=$near"} \
    ${radius:+--data-urlencode "radius=$radius"} >"$answer" || { cat "$answer" >&2; exit 1; }

python3 - "$answer" <<'END'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    found = json.load(file)
print(f"{found['total']} found")
for result in found["results"]:
    name = next(iter(result["document"]["name"].values()))
    km = result["distance_km"]
    far = f"{km:.1f} km" if km is not None else "somewhere"
    print(f"{name} | {far} | {result['publisher']['host']}")
END
