# launch.sh BASE KEY LENGTH SHELL: start the command text on standard input once, ever, detached.
# The directory BASE/KEY is the claim: who makes it starts the command, everybody else attaches.
# Prints "started" or "exists". Runs under ksh88, ksh93, mksh, dash and bash.
base=$1 dir=$1/$2 length=$3 shell=$4 text=$1/.$2.$$
mask=$(umask)
umask 077
mkdir -p "$base" || exit 73
if [ -d "$dir" ]; then
  echo exists
  exit 0
fi
cat >"$text" || exit 74
# A connection that broke while sending leaves a shorter text, which must never run.
if [ "$(wc -c <"$text" | tr -d ' ')" != "$length" ]; then
  rm -f "$text"
  echo "the command text was cut short" >&2
  exit 75
fi
if mkdir "$dir" 2>/dev/null; then :; else
  rm -f "$text"
  if [ -d "$dir" ]; then
    echo exists
    exit 0
  fi
  echo "cannot make $dir" >&2
  exit 73
fi
mv "$text" "$dir/command" && : >"$dir/stdout" && : >"$dir/stderr" || exit 74
cat >"$dir/watch" <<'WATCH' || exit 74
# Runs the command (its direct child) in a process group of its own and keeps its exit status. TERM is
# caught, not ignored: the command gets its default back, and the status of an orderly stop is kept.
dir=$1
trap : TERM
mkdir "$dir/begun" 2>/dev/null || exit 0
echo $$ >"$dir/pid.new" && mv "$dir/pid.new" "$dir/pid" || exit 74
eval "$(cat "$dir/command")" </dev/null >>"$dir/stdout" 2>>"$dir/stderr"
code=$?
echo $code >"$dir/status.new" && mv "$dir/status.new" "$dir/status"
WATCH
umask "$mask"
# AIX has no setsid: there the shell's job control gives the process group.
if command -v setsid >/dev/null 2>&1; then
  group=setsid
else
  group=
  set -m
fi
nohup $group "$shell" "$dir/watch" "$dir" </dev/null >/dev/null 2>&1 &
echo started
