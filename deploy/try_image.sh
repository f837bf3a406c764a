#!/usr/bin/env bash
# Build the image that serves with Buildah, without a daemon, and try what docs/guide/deploying.md says of it.
#
#     deploy/try_image.sh MODEL [PYTHON-IMAGE]
#
# MODEL is a model folder. As root, on Linux; takes Buildah 1.28 or later (Debian 12 has that) and curl. The image is
# started as it is meant to be: as its own user, with nothing to write to but /tmp, and the model read-only. Tried are its
# health check, an answer, that it is not root, that it can write nowhere else, that it refuses to start without keys, and
# that it ends within its time by SIGTERM. Ends with 1 at the first thing that is not so.
set -euo pipefail
cd "$(dirname "$0")/.."
model=$(realpath "${1:?name a model folder}")
name=localhost/reelwise-try key=try-me-$RANDOM$RANDOM$RANDOM

fail() { echo "FAULT: $*" >&2; exit 1; }
say() { echo "ok: $*"; }

# chroot isolation needs neither namespaces nor a network of its own; Docker's format keeps the health check. Buildah
# before 1.33 does not know how often that is asked at the start, which matters to whoever runs the image alone.
file=$(mktemp)
sed 's/ --start-interval=[^ ]*//' Dockerfile > "$file"
buildah build --isolation chroot --format docker --layers --file "$file" --tag "$name" ${2:+--build-arg PYTHON="$2"} .
rm -f "$file"
say "the image is built, $(buildah images --format '{{.Size}}' "$name")"

inspect() { buildah inspect --type image --format "$1" "$name"; }
user=$(inspect '{{.Docker.Config.User}}')
[[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || fail "the user is ${user:-root}"
[[ $(inspect '{{.Docker.Config.Healthcheck}}') == *health/ready* ]] || fail "the image has no health check"
[[ $(inspect '{{.Docker.Config.Entrypoint}} {{.Docker.Config.Cmd}}') == "[reelwise] [serve]" ]] || fail "it starts another thing"

container=$(buildah from "$name")
root=$(buildah mount "$container")
log=$(mktemp)
server=
end() {
  [[ -n $server ]] && kill -KILL "$server" 2> /dev/null || true
  buildah umount "$container" > /dev/null; buildah rm "$container" > /dev/null
  rm -f "$log"
}
trap end EXIT

mapfile -t settings < <(inspect '{{range .Docker.Config.Env}}{{println .}}{{end}}' | grep .)
# In a mount namespace of its own, which is gone with it: the root read-only, a new /tmp, and the model.
inside=(unshare --mount --propagation private -- bash -c '
  set -e
  mount --bind "$1" "$1"; mount -t tmpfs none "$1/tmp"; chmod 1777 "$1/tmp"
  mount --rbind /dev "$1/dev"; mount -t proc none "$1/proc"
  mkdir -p "$1/models/current"; mount --bind "$2" "$1/models/current"; mount -o remount,ro,bind "$1/models/current"
  mount -o remount,ro,bind "$1"
  exec chroot --userspec="$3" "$1" env -i "${@:4}"' - "$root" "$model" "$user" "${settings[@]}")

if "${inside[@]}" reelwise serve > "$log" 2>&1; then fail "it starts without keys"; else code=$?; fi
[[ $code == 2 && $(wc -l < "$log") == 1 ]] || { cat "$log"; fail "without keys it ends with $code"; }
say "without keys: $(cat "$log")"
[[ $("${inside[@]}" python -c 'import os; print(os.getuid(), os.getgid())') == "${user/:/ }" ]] || fail "it is not $user"
for place in / /opt/reelwise /models /models/current /data /etc; do
  "${inside[@]}" touch "$place/x" 2> /dev/null && fail "it may write in $place"
done
say "it is $user, and may write in /tmp alone"

probe=$(inspect '{{index .Docker.Config.Healthcheck.Test 3}}')
"${inside[@]}" REELWISE_API_KEYS="$key" reelwise serve > "$log" 2>&1 &
server=$!
for _ in $(seq 120); do
  "${inside[@]}" python -c "$probe" 2> /dev/null && break
  kill -0 "$server" 2> /dev/null || { cat "$log"; fail "it has ended"; }
  sleep 0.5
done
"${inside[@]}" python -c "$probe" || { cat "$log"; fail "the health check does not pass"; }
say "the health check passes"
curl -sf -H "X-API-Key: $key" http://127.0.0.1:8000/api/v1/movies/starter > /dev/null || fail "it does not answer"
[[ $(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/recommendations/1) == 401 ]] || fail "it wants no key"
say "it answers whoever has the key"

started=$(date +%s%N)
kill -TERM "$server"
wait "$server" && code=0 || code=$?
server=
took=$((($(date +%s%N) - started) / 1000000))
# 143 is what a program ends with that has been ended by that signal, in good order or not: the log tells which.
[[ $code =~ ^(0|143)$ && $took -lt 15000 ]] && grep -q "shutdown complete" "$log" \
  || { cat "$log"; fail "by SIGTERM it ends with $code after $took ms"; }
"${inside[@]}" python -c "$probe" 2> /dev/null && fail "the health check passes without a server"
say "by SIGTERM it ends in good order after $took ms, and the health check fails then"
