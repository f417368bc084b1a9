#!/usr/bin/env bash
# Tells Elasticsearch and Kibana once what lb's lines are: how long they are kept (policy.json), their types (template.json),
# and Kibana's data view and dashboard. Run it again at any time: it puts the same in place of the same.
# Needs curl alone. ELASTICSEARCH_URL, KIBANA_URL: where they are. Written for Elastic 8.19.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
elasticsearch=${ELASTICSEARCH_URL:-http://localhost:9200}
kibana=${KIBANA_URL:-http://localhost:5601}
patience=${SETUP_PATIENCE_SECONDS:-300}
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# ask WHAT CURL-ARGUMENT…: fails with the server's words.
ask() {
    local what=$1 status
    shift
    status=$(curl --silent --show-error --max-time 60 --output "$answer" --write-out '%{http_code}' "$@") || status=none
    [[ $status != 2?? ]] || return 0
    echo "setup.sh: $what: status $status: $(head -c 2000 "$answer")" >&2
    return 1
}

# wait_for NAME URL PATTERN: until an answer has the pattern in it.
wait_for() {
    local end=$((SECONDS + patience))
    until curl --silent --max-time 10 "$2" 2>/dev/null | grep -qE "$3"; do
        if ((SECONDS >= end)); then
            echo "setup.sh: $1 at $2 is not ready after $patience s" >&2
            return 1
        fi
        sleep 1
    done
}

json=(--header 'Content-Type: application/json')

wait_for Elasticsearch "$elasticsearch/_cluster/health" '"status":"(green|yellow)"'
ask "the policy lb-logs" --request PUT "${json[@]}" --data-binary "@$here/policy.json" "$elasticsearch/_ilm/policy/lb-logs"
ask "the template lb-logs" --request PUT "${json[@]}" --data-binary "@$here/template.json" \
    "$elasticsearch/_index_template/lb-logs"
echo "Elasticsearch knows lb's lines"

wait_for Kibana "$kibana/api/status" '"overall":\{"level":"available"'
ask "Kibana's objects" --request POST --header 'kbn-xsrf: setup' --form "file=@$here/../kibana/lb.ndjson" \
    "$kibana/api/saved_objects/_import?overwrite=true"
if ! grep -q '"success":true' "$answer"; then
    echo "setup.sh: Kibana did not take all of lb.ndjson: $(head -c 2000 "$answer")" >&2
    exit 1
fi
echo "Kibana has the dashboard lb"
