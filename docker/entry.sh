#!/bin/sh
# The start of the image: makes the node at the first start, then serves it.
#
#   DOMAIN  the public host name, such as food.example: needed at the first start only
#   NAME    the organisation's name; its domain if not given
#   URL     the whole address, for a node that is not at https://DOMAIN/
#   LOCALFED_DATA  where the node lives (/data/node). The recovery kit is written beside it, not in
#           it: /data is the volume, so the kit outlives this container and can be copied out
set -eu

folder=${LOCALFED_DATA:-/data/node}

if [ ! -e "$folder" ]; then
    if [ -z "${URL:-}" ] && [ -z "${DOMAIN:-}" ]; then
        echo "First start: set DOMAIN to the host name of this node, such as food.example." >&2
        exit 2
    fi
    url=${URL:-https://$DOMAIN/}
    localfed init --data "$folder" --name "${NAME:-${DOMAIN:-$url}}" --url "$url"
fi

exec localfed serve --data "$folder" --host "${HOST:-0.0.0.0}" --port "${PORT:-8080}"
