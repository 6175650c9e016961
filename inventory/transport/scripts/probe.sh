# What has become of a launched command; changes nothing. `dir` is set by the caller.
# Prints one line: absent | starting | running PID | ended PID STATUS | vanished PID.
alive() {
  # The number may have gone to another process since a reboot: that one does not name our directory.
  case $(ps -p "$pid" -o args= 2>/dev/null) in
  '' | *"$dir/watch"* | *"
"*) kill -0 "-$pid" 2>/dev/null || kill -0 "$pid" 2>/dev/null ;;
  *) false ;;
  esac
}
probe() {
  if [ ! -d "$dir" ]; then
    echo absent
  elif [ ! -f "$dir/pid" ]; then
    echo starting
  else
    pid=$(cat "$dir/pid")
    # Liveness first: a command that ends between the two looks has its status by the second.
    state=vanished
    if alive; then state=running; fi
    if [ -f "$dir/status" ]; then
      echo "ended $pid $(cat "$dir/status")"
    else
      echo "$state $pid"
    fi
  fi
}
