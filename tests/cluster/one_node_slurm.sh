#!/usr/bin/env bash
# Runs a command beside a Slurm of one node on this machine, and ends Slurm afterwards:
#   tests/cluster/one_node_slurm.sh COMMAND [ARGUMENT...]
# Debian or Ubuntu, as root; installs the packages that are missing. The node claims two GPUs that it only counts.
# SLURM_IS_THERE is set for the command. Exit code 77, with the reason, where such a Slurm cannot start.
set -euo pipefail
cannot() { echo "no Slurm of one node here: $1" >&2; exit 77; }

conf=/etc/slurm/slurm.conf # the only place where steps of a job look
[ "$(id -u)" -eq 0 ] || cannot "it takes root"
[ ! -e $conf ] && [ ! -L $conf ] || cannot "$conf is there already"
missing=()
for program in slurmctld slurmd munged sbatch; do
  command -v $program >/dev/null || missing+=("$program")
done
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || cannot "there is no apt-get"
  echo "installing Slurm and munge, for want of ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends slurmctld slurmd slurm-client munge; } \
    >/tmp/one-node-slurm-apt.log 2>&1 || cannot "apt-get failed, see /tmp/one-node-slurm-apt.log"
fi

place=$(mktemp -d /tmp/one-node-slurm.XXXXXX)
stop() {
  for daemon in slurmd slurmctld munged; do
    [ -s "$place/$daemon.pid" ] || continue
    pid=$(cat "$place/$daemon.pid")
    kill "$pid" || continue
    for _ in $(seq 100); do
      if ! kill -0 "$pid" 2>/dev/null; then break; fi
      sleep 0.1
    done
  done
  rm -f $conf "${conf%/*}/gres.conf"
  rm -rf "$place"
}
trap stop EXIT
chmod 755 "$place"
mkdir "$place/spool" "$place/state"
head -c 1024 /dev/urandom >"$place/munge.key"
chmod 400 "$place/munge.key"

# Twice the cores: jobs mostly start Python and wait. KillWait: seconds from SIGTERM to SIGKILL.
cat >"$place/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$place/munge.socket
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
SlurmctldLogFile=$place/slurmctld.log
SlurmdLogFile=$place/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=2,batch_sched_delay=0,bf_interval=2
ReturnToService=2
KillWait=5
GresTypes=gpu
NodeName=$(hostname) NodeAddr=127.0.0.1 CPUs=$((2 * $(nproc))) RealMemory=$(awk '/^MemTotal/ {print int($2 / 1100)}' /proc/meminfo) Gres=gpu:2
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
ln -s "$place/slurm.conf" $conf
# GPUs in name only: Slurm counts and hands out any two devices.
printf 'Name=gpu File=%s\n' /dev/null /dev/zero >"${conf%/*}/gres.conf"

munged --key-file "$place/munge.key" --socket "$place/munge.socket" --pid-file "$place/munged.pid" \
  --log-file "$place/munged.log" --seed-file "$place/munge.seed" || cannot "munged did not start"
slurmctld || cannot "slurmctld did not start"
slurmd || cannot "slurmd did not start"
for _ in $(seq 50); do
  if sinfo --noheader --format=%T 2>/dev/null | grep -q '^idle'; then break; fi
  sleep 0.2
done
srun --ntasks=1 --immediate=10 true 2>"$place/srun.log" || cannot "no job runs: $(tail -n 1 "$place/srun.log")"

code=0
SLURM_IS_THERE=yes "$@" || code=$? # tests that find none then fail
scancel --user=root
for _ in $(seq 50); do
  if [ -z "$(squeue --noheader)" ]; then break; fi
  sleep 0.2
done
exit $code
