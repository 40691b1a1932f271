#!/usr/bin/env bash
# Prints what Snakemake wants to know of a job: running, success or failed.
set -euo pipefail
# Without an answer of the cluster the job counts as running; one that is gone, as failed.
if ! found=$(kubectl get "$1" --ignore-not-found --output=jsonpath='{.kind} {.status.conditions[?(@.status=="True")].type}'); then
  echo running
  exit
fi
case " $found " in
  *" Complete "*) echo success ;;
  *" Job "*) case " $found " in *" Failed "*) echo failed ;; *) echo running ;; esac ;;
  *) echo failed ;;
esac
