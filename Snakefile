# From the sources to the report: params.yaml says what is computed, workflow/rules/ how, `ige` does the work.
#   snakemake --cores N                                              everything, as in params.yaml
#   snakemake --cores N --configfile workflow/presets/open.yaml      another preset
#   snakemake --cores N -- shapes                                    shape sets alone; poses: tables of poses alone
#   snakemake -n                                                     what is out of date, and why


include: "workflow/rules/paths.smk"


configfile: "params.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/1_fetch.smk"
include: "workflow/rules/2_prepare.smk"
include: "workflow/rules/3_train.smk"
include: "workflow/rules/4_evaluate.smk"
include: "workflow/rules/5_report.smk"


onstart:
    start_run()


onsuccess:
    end_run()


onerror:
    explain_failure()


rule poses:
    input:
        f"{RUN}/tables/poses.csv",
        f"{RUN}/tables/poses_by_action.csv",
        rules.draw_poses.output.figures,


rule shapes:
    input:
        f"{RUN}/data/shapes/manifest.csv",
        [f"{RUN}/tables/shape-sets.csv", *rules.draw_shape_sets.output.figures] if SHARDS else [],
        [f"{RUN}/tables/shapes.csv", *rules.draw_shapes.output.figures] if TRAINED_SHAPES else [],


rule all:
    default_target: True
    input:
        f"{RUN}/report/index.html" if SHARDS else [],
        rules.poses.input,
        rules.shapes.input,
