#!/bin/sh
# A Slurm cluster of one node on this machine, for tests: daemons as Debian's packages slurm-wlm and
# munge have them, with everything they write in a temporary folder.
#   tools/slurm-node.sh start DIRECTORY     prints the environment that clients need, NAME=value lines
#   tools/slurm-node.sh stop DIRECTORY      ends the daemons and what they run
# Leaves with 77 where it cannot run: the daemons are not installed, or the user is not root.
set -eu

usage() {
  sed -n '2,6p' "$0" >&2
  exit 2
}

[ $# -eq 2 ] || usage
action=$1
directory=$2
PATH=$PATH:/usr/sbin:/sbin

stop_daemon() {
  file=$directory/$1.pid
  [ -s "$file" ] || return 0
  pid=$(cat "$file")
  kill "$pid" 2>/dev/null || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.2
  done
  kill -9 "$pid" 2>/dev/null || true
}

stop_all() {
  if [ -s "$directory/slurmctld.pid" ]; then
    SLURM_CONF=$directory/slurm.conf scancel --user=root 2>/dev/null || true
  fi
  stop_daemon slurmd
  stop_daemon slurmctld
  stop_daemon munged
}

# $1: what is waited for, in words; the rest: the command that says that it is there.
wait_for() {
  what=$1
  shift
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
      echo "slurm-node: $what did not come up; see the logs in $directory" >&2
      stop_all
      exit 1
    fi
    sleep 0.1
  done
}

is_up() {
  # Whoever's turn it is to fail here, the node is not ready yet.
  [ "$(sinfo --noheader --format=%T)" = idle ]
}

write_configuration() {
  host=$(hostname -s 2>/dev/null || hostname)
  port=$((20000 + $$ % 20000))
  cpus=$(nproc)
  cat > "$directory/slurm.conf" <<CONF
ClusterName=rescorla
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$directory/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1
StateSaveLocation=$directory/state
SlurmdSpoolDir=$directory/spool
SlurmctldPidFile=$directory/slurmctld.pid
SlurmdPidFile=$directory/slurmd.pid
SlurmctldLogFile=$directory/slurmctld.log
SlurmdLogFile=$directory/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
}

start_all() {
  for program in munged slurmctld slurmd sbatch squeue; do
    if ! command -v "$program" >/dev/null 2>&1; then
      echo "slurm-node: $program is not installed (Debian: slurm-wlm, munge)" >&2
      exit 77
    fi
  done
  if [ "$(id -u)" -ne 0 ]; then
    echo "slurm-node: the daemons need root" >&2
    exit 77
  fi
  mkdir -p "$directory/state" "$directory/spool" "$directory/munge"
  directory=$(cd "$directory" && pwd)
  head -c 1024 /dev/urandom > "$directory/munge/key"
  chmod 600 "$directory/munge/key"
  write_configuration
  export SLURM_CONF="$directory/slurm.conf"

  # As root, for root alone: a user of its own could not reach a folder below R's tempdir().
  munged --force --key-file="$directory/munge/key" --socket="$directory/munge/socket" \
    --pid-file="$directory/munged.pid" --log-file="$directory/munge/munged.log" \
    --seed-file="$directory/munge/seed" >&2
  wait_for munged munge --socket="$directory/munge/socket" --no-input
  slurmctld -c >&2
  slurmd >&2
  wait_for "the node" is_up
  echo "SLURM_CONF=$SLURM_CONF"
  # batchtools asks squeue for the jobs of $USER.
  echo "USER=$(id -un)"
}

case $action in
  start) start_all ;;
  stop) stop_all ;;
  *) usage ;;
esac
