#!/usr/bin/env bash
# Makes a Kubernetes job of a script of Snakemake's and prints its name:
#   submit.sh CPUS MEMORY_MB MINUTES GPUS SCRIPT
# IGE_IMAGE: an image with Python and, for GPUs, their driver's libraries. IGE_CLAIM: a claim of a volume that many
# nodes may write (ReadWriteMany). IGE_MOUNT: where pods see it, the same place as here; by itself the parent of the
# current folder. IGE_REAL_DATA, if set: a folder on that volume. A pod that is preempted or loses its node is made
# anew by Kubernetes, and has all its time again.
set -euo pipefail
cpus=$1 memory_mb=$2 minutes=$3 gpus=$4 script=$5
: "${IGE_IMAGE:?say which image pods run, e.g. python:3.11}" "${IGE_CLAIM:?say which volume claim holds this folder}"
mount=${IGE_MOUNT:-$(dirname "$PWD")}
variables='{"name": "OMP_NUM_THREADS", "value": "1"}'
text() { printf '%s' "$1" | python3 -c 'import json, sys; print(json.dumps(sys.stdin.read()))'; }
pass_on() { variables+=", {\"name\": \"$1\", \"value\": $(text "$2")}"; }
if [ -n "${IGE_REAL_DATA:-}" ]; then
  volume=$(realpath -m -- "$mount") data=$(realpath -m -- "$IGE_REAL_DATA")
  if [[ "$data/" != "$volume"/* ]]; then
    echo "IGE_REAL_DATA is no place that pods see: expected a folder below $mount (IGE_MOUNT), found $IGE_REAL_DATA" >&2
    exit 2
  fi
  pass_on IGE_REAL_DATA "$mount${data#"$volume"}"
fi
if [ -n "${PYOPENGL_PLATFORM:-}" ]; then pass_on PYOPENGL_PLATFORM "$PYOPENGL_PLATFORM"; fi
limits="\"memory\": \"${memory_mb}M\""
if [ "$gpus" -gt 0 ]; then limits+=", \"nvidia.com/gpu\": \"$gpus\""; fi
kubectl create --output=name --filename=- <<JSON
{
  "apiVersion": "batch/v1",
  "kind": "Job",
  "metadata": {"generateName": "ige-", "labels": {"app": "ige"}},
  "spec": {
    "backoffLimit": 0,
    "podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]},
    "ttlSecondsAfterFinished": 86400,
    "template": {
      "spec": {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": $((60 * minutes)),
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "containers": [{
          "name": "job",
          "image": $(text "$IGE_IMAGE"),
          "workingDir": $(text "$PWD"),
          "command": ["sh", $(text "$script")],
          "env": [$variables],
          "resources": {"requests": {"cpu": "$cpus"}, "limits": {$limits}},
          "volumeMounts": [{"name": "shared", "mountPath": $(text "$mount")}]
        }],
        "volumes": [{"name": "shared", "persistentVolumeClaim": {"claimName": $(text "$IGE_CLAIM")}}]
      }
    }
  }
}
JSON
