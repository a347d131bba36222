# shellcheck shell=bash
# Progress for people, on stderr: one line per step, with its seconds. What a step says
# goes to a log file, of which the end is shown when the step fails.

# steps_begin N LOG_FOLDER: the next N calls of `step` count to N.
steps_begin() {
  step_count=$1
  step_number=0
  step_logs=$2
  mkdir -p "$step_logs"
}

# step TEXT COMMAND…: runs the command; a failure ends the script with 1.
step() {
  local text=$1 began=$SECONDS log code=0
  shift
  step_number=$((step_number + 1))
  log=$step_logs/$step_number-$(printf '%s' "$text" | tr -cs 'a-zA-Z0-9' '-').log
  printf '[%d/%d] %s … ' "$step_number" "$step_count" "$text" >&2
  # As a condition (`if …`, `… || …`), the command would run with -e switched off inside.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  code=$?
  set -e
  if [ $code -eq 0 ]; then
    printf '%d s\n' $((SECONDS - began)) >&2
  else
    printf 'failed after %d s. The end of %s:\n\n' $((SECONDS - began)) "$log" >&2
    tail -n 40 "$log" >&2
    exit 1
  fi
}

# say TEXT: one line for people.
say() {
  printf '%s\n' "$*" >&2
}

# give_up TEXT…: each argument is one clear line; the code is EX_UNAVAILABLE of sysexits.h.
give_up() {
  printf '%s\n' "$@" >&2
  exit 69
}
