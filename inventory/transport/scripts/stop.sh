# End a launched command's process group: TERM, then KILL after `grace` seconds; prints what is then so.
# One that has not begun is kept from beginning: taking its claim leaves it nothing to start with.
wait_for_end() {
  left=$1
  while alive && [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
  done
}
signal_group() {
  kill "-$1" "-$pid" 2>/dev/null || kill "-$1" "$pid" 2>/dev/null
}
forestall() {
  if mkdir "$dir/begun" 2>/dev/null; then
    echo vanished
  elif [ -f "$dir/pid" ]; then
    probe
  elif ps -ef | grep -v grep | grep -F "$dir/watch" >/dev/null; then
    echo starting
  else
    echo vanished
  fi
}
case $(probe) in
starting) forestall ;;
running*)
  pid=$(cat "$dir/pid")
  signal_group TERM
  wait_for_end "$grace"
  if alive; then
    signal_group KILL
    wait_for_end 5
  fi
  probe
  ;;
*) probe ;;
esac
