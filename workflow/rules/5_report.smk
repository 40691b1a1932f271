# Scores -> tables, figures, page, metrics, learning curves.


def shown(path, caption, category, kind, result):
    """A result that `snakemake --report` shows, under its caption."""
    labels = {"kind": kind, "result": result}
    return report(path, caption=f"../report/{caption}.rst", category=category, labels=labels)


def drawings(prefix, category, results):
    """The figures of a rule, each as PNG and SVG; the report shows the first."""
    return [
        file
        for name, result in results.items()
        for path in [prefix + name]
        for file in (shown(f"{path}.png", Path(path).name, category, "figure", result), f"{path}.svg")
    ]


def paths(files):
    """Results as plain paths: what the report says of them belongs to the rule that makes them."""
    return [str(file) for file in files]


rule tabulate_poses:
    input:
        scores=of_selected("scores/poses/{model}/seed{seed}.json"),
        checks=checks_of_sources(),
    output:
        csv=shown(f"{RUN}/tables/poses.csv", "poses-table", "Poses", "table", "errors"),
        markdown=f"{RUN}/tables/poses.md",
        latex=f"{RUN}/tables/poses.tex",
        record=f"{RUN}/tables/poses.run.json",
    log:
        f"{RUN}/logs/tabulate_poses.log",
    threads: 1
    params:
        settings=stages.tabulate_poses(PARAMS).subtree(),
        code=CODE["tabulate_poses"],
    shell:
        "ige tabulate-poses --settings {SETTINGS} --code {params.code} --scores {input.scores}"
        " --checks {input.checks} --csv {output.csv} --markdown {output.markdown} --latex {output.latex}"
        " --record {output.record} >{log} 2>&1"


rule tabulate_poses_by_action:
    input:
        scores=of_selected("scores/poses/{model}/seed{seed}.json"),
        checks=checks_of_sources(),
    output:
        csv=shown(
            f"{RUN}/tables/poses_by_action.csv",
            "poses-by-action-table",
            "Poses",
            "table",
            "errors by action",
        ),
        markdown=f"{RUN}/tables/poses_by_action.md",
        latex=f"{RUN}/tables/poses_by_action.tex",
        record=f"{RUN}/tables/poses_by_action.run.json",
    log:
        f"{RUN}/logs/tabulate_poses_by_action.log",
    threads: 1
    params:
        settings=stages.tabulate_poses(PARAMS).subtree(),
        code=CODE["tabulate_poses_by_action"],
    shell:
        "ige tabulate-poses-by-action --settings {SETTINGS} --code {params.code} --scores {input.scores}"
        " --checks {input.checks} --csv {output.csv} --markdown {output.markdown} --latex {output.latex}"
        " --record {output.record} >{log} 2>&1"


rule draw_poses:
    input:
        scores=of_selected("scores/poses/{model}/seed{seed}.json"),
        predictions=of_selected("scores/poses/{model}/examples.h5"),
        histories=of_learning("models/poses/{model}/seed{seed}/history.csv"),
        checks=checks_of_sources(),
    output:
        figures=drawings(
            f"{RUN}/figures/poses-",
            "Poses",
            {
                "efficiency": "error against cost",
                "steps": "poses over the steps",
                "learning": "learning curves",
            },
        ),
        record=f"{RUN}/figures/run.json",
    log:
        f"{RUN}/logs/draw_poses.log",
    threads: 1
    params:
        code=CODE["draw_poses"],
        # Checked, but no inputs: they also say when and where something was made.
        records=of_learning("models/poses/{model}/seed{seed}/run.json"),
    shell:
        "ige draw-poses --code {params.code} --scores {input.scores} --predictions {input.predictions}"
        " --histories {input.histories} --checks {input.checks} --figures {output.figures}"
        " --record {output.record} --records {params.records} >{log} 2>&1"


rule tabulate_shape_sets:
    input:
        shards=of_shards(".h5"),
        skipped=of_shards("-skipped.csv"),
    output:
        csv=shown(f"{RUN}/tables/shape-sets.csv", "shape-sets-table", "Shape sets", "table", "what they hold"),
        markdown=f"{RUN}/tables/shape-sets.md",
        latex=f"{RUN}/tables/shape-sets.tex",
        record=f"{RUN}/tables/shape-sets.run.json",
    log:
        f"{RUN}/logs/tabulate_shape_sets.log",
    threads: 1
    params:
        settings=stages.tabulate_shape_sets(PARAMS).subtree(),
        code=CODE["tabulate_shape_sets"],
    shell:
        "ige tabulate-shape-sets --settings {SETTINGS} --code {params.code} --shards {input.shards}"
        " --skipped {input.skipped} --csv {output.csv} --markdown {output.markdown} --latex {output.latex}"
        " --record {output.record} >{log} 2>&1"


rule draw_shape_sets:
    input:
        shards=of_shards(".h5"),
    output:
        figures=[
            shown(f"{RUN}/figures/shapes-{name}.png", "contact-sheet", "Shape sets", "figure", name)
            for name in SHAPE_CATEGORIES
        ],
        record=f"{RUN}/figures/shapes.run.json",
    log:
        f"{RUN}/logs/draw_shape_sets.log",
    threads: 1
    params:
        code=CODE["draw_shape_sets"],
    shell:
        "ige draw-shape-sets --code {params.code} --shards {input.shards} --figures {output.figures}"
        " --record {output.record} >{log} 2>&1"


rule tabulate_shapes:
    input:
        scores=of_selected_shapes("scores/shapes/{trained}/seed{seed}.json"),
    output:
        csv=shown(f"{RUN}/tables/shapes.csv", "shapes-table", "Reconstructions", "table", "IoU"),
        comparisons=shown(
            f"{RUN}/tables/shapes-comparisons.csv",
            "shapes-comparisons",
            "Reconstructions",
            "table",
            "differences of models",
        ),
        markdown=f"{RUN}/tables/shapes.md",
        latex=f"{RUN}/tables/shapes.tex",
        record=f"{RUN}/tables/shapes.run.json",
    log:
        f"{RUN}/logs/tabulate_shapes.log",
    threads: 1
    params:
        settings=stages.tabulate_shapes(PARAMS).subtree(),
        code=CODE["tabulate_shapes"],
    shell:
        "ige tabulate-shapes --settings {SETTINGS} --code {params.code} --scores {input.scores} --csv {output.csv}"
        " --comparisons {output.comparisons} --markdown {output.markdown} --latex {output.latex}"
        " --record {output.record} >{log} 2>&1"


rule draw_shapes:
    input:
        scores=of_selected_shapes("scores/shapes/{trained}/seed{seed}.json"),
        predictions=of_selected_shapes("scores/shapes/{trained}/examples.h5"),
        histories=of_learning_shapes("models/shapes/{trained}/seed{seed}/history.csv"),
    output:
        figures=drawings(
            f"{RUN}/figures/voxels-",
            "Reconstructions",
            {
                "reconstructions": "test views",
                "steps": "IoU and energy over the steps",
                "depth-shadow": "kinds of errors",
                "learning": "learning curves",
            },
        ),
        record=f"{RUN}/figures/voxels.run.json",
    log:
        f"{RUN}/logs/draw_shapes.log",
    threads: 1
    params:
        code=CODE["draw_shapes"],
        # Checked, but no inputs: they also say when and where something was made.
        records=of_learning_shapes("models/shapes/{trained}/seed{seed}/run.json"),
    shell:
        "ige draw-shapes --code {params.code} --scores {input.scores} --predictions {input.predictions}"
        " --histories {input.histories} --figures {output.figures}"
        " --record {output.record} --records {params.records} >{log} 2>&1"


rule write_page:
    input:
        csv=f"{RUN}/tables/poses.csv",
        action_csv=f"{RUN}/tables/poses_by_action.csv",
        scores=of_selected("scores/poses/{model}/seed{seed}.json"),
        figures=paths(rules.draw_poses.output.figures),
        skipped=[
            f"{RUN}/data/poses/skipped.csv",
            *expand(
                f"{RUN}/data/poses/{{observation}}/{{split}}-skipped.csv",
                observation=OBSERVATIONS,
                split=("train", "validation", "test"),
            ),
        ],
        shape_csv=f"{RUN}/tables/shape-sets.csv",
        shape_figures=paths(rules.draw_shape_sets.output.figures),
        shape_skipped=[f"{RUN}/data/shapes/skipped.csv", *of_shards("-skipped.csv")],
        voxels=(
            [
                f"{RUN}/tables/shapes.csv",
                f"{RUN}/tables/shapes-comparisons.csv",
                *rules.tabulate_shapes.input.scores,
                *paths(rules.draw_shapes.output.figures),
            ]
            if TRAINED_SHAPES
            else []
        ),
    output:
        page=shown(f"{RUN}/report/index.html", "page", "Page", "page", "report"),
        record=f"{RUN}/report/run.json",
    log:
        f"{RUN}/logs/write_page.log",
    threads: 1
    params:
        settings=deciding_settings(PARAMS),
        # Reconstructions are shown where there are any.
        voxels=(
            f" --voxel-csv {rules.tabulate_shapes.output.csv}"
            f" --voxel-comparisons {rules.tabulate_shapes.output.comparisons}"
            f" --voxel-scores {' '.join(rules.tabulate_shapes.input.scores)}"
            f" --voxel-figures {' '.join(rules.draw_shapes.output.figures)}"
            if TRAINED_SHAPES
            else ""
        ),
        voxel_records=f"{RUN}/tables/shapes.run.json {RUN}/figures/voxels.run.json" if TRAINED_SHAPES else "",
        code=CODE["write_page"],
    shell:
        "ige write-page --settings {SETTINGS} --code {params.code} --csv {input.csv} --action-csv {input.action_csv}"
        " --scores {input.scores} --figures {input.figures} --skipped {input.skipped}"
        " --shape-csv {input.shape_csv} --shape-figures {input.shape_figures}"
        " --shape-skipped {input.shape_skipped} {params.voxels} --out {output.page} --record {output.record}"
        " --records {RUN}/tables/poses.run.json {RUN}/tables/poses_by_action.run.json {RUN}/figures/run.json"
        " {RUN}/tables/shape-sets.run.json {RUN}/figures/shapes.run.json {params.voxel_records} >{log} 2>&1"


rule collect_metrics:
    input:
        poses=f"{RUN}/tables/poses.csv",
        shapes=f"{RUN}/tables/shapes.csv" if TRAINED_SHAPES else [],
    output:
        metrics=f"{RUN}/metrics.json",
        record=f"{RUN}/metrics.run.json",
    log:
        f"{RUN}/logs/collect_metrics.log",
    threads: 1
    params:
        settings=stages.collect_metrics(PARAMS).subtree(),
        shapes=f"--shapes {RUN}/tables/shapes.csv" if TRAINED_SHAPES else "",
        shape_record=f"{RUN}/tables/shapes.run.json" if TRAINED_SHAPES else "",
        code=CODE["collect_metrics"],
    shell:
        "ige collect-metrics --settings {SETTINGS} --code {params.code} --poses {input.poses} {params.shapes}"
        " --out {output.metrics} --record {output.record}"
        " --records {RUN}/tables/poses.run.json {params.shape_record} >{log} 2>&1"


rule collect_curves:
    input:
        poses=of_learning("models/poses/{model}/seed{seed}/history.csv"),
        shapes=of_learning_shapes("models/shapes/{trained}/seed{seed}/history.csv"),
    output:
        poses=[f"{RUN}/curves/poses/{name}.csv" for name in learning(TRAINED, stages.train_poses)],
        shapes=[f"{RUN}/curves/shapes/{name}.csv" for name in learning(TRAINED_SHAPES, stages.train_shapes)],
        record=f"{RUN}/curves/run.json",
    log:
        f"{RUN}/logs/collect_curves.log",
    threads: 1
    params:
        code=CODE["collect_curves"],
        # Checked, but no inputs: they also say when and where something was made.
        records=[
            *of_learning("models/poses/{model}/seed{seed}/run.json"),
            *of_learning_shapes("models/shapes/{trained}/seed{seed}/run.json"),
        ],
    shell:
        "ige collect-curves --code {params.code} --pose-histories {input.poses} --pose-curves {output.poses}"
        " --shape-histories {input.shapes} --shape-curves {output.shapes}"
        " --record {output.record} --records {params.records} >{log} 2>&1"
