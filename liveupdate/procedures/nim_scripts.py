"""Constant shell texts for a NIM master, where one command has to act on what another one printed.

They take names as positional parameters and put nothing of what they read into a command but a
partition id of digits alone. `c_rsh` runs a command on a client through its nimsh (handbook N-06).
"""

C_RSH = "/usr/lpp/bos.sysmgt/nim/methods/c_rsh"

IDENTITY = f"""\
said=$({C_RSH} "$1" "LC_ALL=C /usr/bin/uname -L" </dev/null) || exit 3
id=${{said%% *}}
case $id in
  ''|0*|*[!0-9]*) echo "uname -L of $1 prints no partition id" >&2; exit 3 ;;
esac
echo "partition id $id"
/usr/sbin/nim -o change -a identity="$id" -a mgmt_source="$2" "$1" || exit 1
/usr/sbin/lsnim -l "$1"
"""
"""`$1` the client, `$2` its managed system: tell NIM the partition id that the client has now."""

RESET = f"""\
state=$(/usr/sbin/lsnim -l "$1"; /usr/sbin/lsnim -l "$2")
case $state in
  *alloc_count*=\\ [1-9]*) ;;
  *Cstate*=\\ ready\\ for\\ a\\ NIM\\ operation*) exit 0 ;;
esac
running=$({C_RSH} "$1" "LC_ALL=C /usr/bin/ps -ef" </dev/null) || exit 3
if echo "$running" | grep -E 'geninstall -[^ ]*k|install_all_updates|c_cust'; then
  echo "An update still runs on $1: NIM is not reset." >&2
  exit 4
fi
/usr/sbin/nim -Fo reset "$1" || exit 1
/usr/sbin/nim -o deallocate -a live_update_data="$2" "$1"
[ -z "$3" ] || /usr/sbin/nim -o deallocate -a lpp_source="$3" "$1"
exit 0
"""
"""`$1` the client, `$2` its live_update_data, `$3` the lpp_source if any: make NIM ready again and give
back what the client holds, if nothing of an update runs there."""
