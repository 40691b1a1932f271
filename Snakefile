# From the sources to the report: params.yaml says what is computed, workflow/rules/ how, `ige` does the work.
#   snakemake --cores N                                              everything, as in params.yaml
#   snakemake --cores N --configfile workflow/presets/open.yaml      another preset
#   snakemake --cores N -- shapes                                    shape sets alone; poses: tables of poses alone
#   snakemake -n                                                     what is out of date, and why


include: "workflow/rules/paths.smk"


configfile: "params.yaml"


report: "workflow/report/run.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/1_fetch.smk"
include: "workflow/rules/2_prepare.smk"
include: "workflow/rules/3_train.smk"
include: "workflow/rules/4_evaluate.smk"
include: "workflow/rules/5_report.smk"
include: "workflow/rules/6_stages.smk"


onstart:
    start_run()


onsuccess:
    end_run()


onerror:
    explain_failure(log)


rule poses:
    input:
        [files for stage, files in RESULTS.items() if stage.startswith(("pose-data", "train-poses"))],
        POSE_REPORT,


rule shapes:
    input:
        [files for stage, files in RESULTS.items() if stage.startswith(("shape-data", "train-shapes"))],
        SHAPE_REPORT,


rule all:
    default_target: True
    input:
        *RESULTS.values(),
