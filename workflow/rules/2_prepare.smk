# Sources -> clips -> pairs of observations and poses; sources -> manifest -> shape sets.


rule prepare_clips:
    input:
        motion_files,
    output:
        clips=f"{RUN}/data/poses/clips.h5",
        skipped=f"{RUN}/data/poses/skipped.csv",
        record=f"{RUN}/data/poses/clips.run.json",
    log:
        f"{RUN}/logs/prepare_clips.log",
    threads: 1
    resources:
        mem_mb=memory_of("prepare_clips"),
        runtime=minutes_of("prepare_clips"),
    params:
        settings=stages.prepare_clips(PARAMS).subtree(),
        code=CODE["prepare_clips"],
    shell:
        "ige prepare-clips --settings {SETTINGS} --code {params.code} {POSE_FOLDER_OPTION} --inputs {input:q}"
        " --out {output.clips} --skipped {output.skipped} --record {output.record} >{log} 2>&1"


rule prepare_detections:
    input:
        detection_files,
    output:
        detections=f"{RUN}/data/poses/{{observation}}/detections.h5",
        record=f"{RUN}/data/poses/{{observation}}/detections.run.json",
    log:
        f"{RUN}/logs/prepare_detections/{{observation}}.log",
    threads: 1
    resources:
        mem_mb=memory_of("prepare_detections"),
        runtime=minutes_of("prepare_detections"),
    params:
        settings=lambda wildcards: stages.prepare_detections(PARAMS, wildcards.observation).subtree(),
        code=CODE["prepare_detections"],
    shell:
        "ige prepare-detections --settings {SETTINGS} --code {params.code} {POSE_FOLDER_OPTION}"
        " --inputs {input:q} --observation {wildcards.observation} --out {output.detections}"
        " --record {output.record} >{log} 2>&1"


rule prepare_lifting_set:
    input:
        clips=f"{RUN}/data/poses/clips.h5",
        detections=detections_of,
    output:
        pairs=f"{RUN}/data/poses/{{observation}}/{{split}}.h5",
        skipped=f"{RUN}/data/poses/{{observation}}/{{split}}-skipped.csv",
        record=f"{RUN}/data/poses/{{observation}}/{{split}}.run.json",
    log:
        f"{RUN}/logs/prepare_lifting_set/{{observation}}-{{split}}.log",
    threads: 1
    resources:
        mem_mb=memory_of("prepare_lifting_set"),
        runtime=minutes_of("prepare_lifting_set"),
    params:
        settings=lambda wildcards: stages.prepare_lifting_set(PARAMS, wildcards.observation).subtree(),
        code=CODE["prepare_lifting_set"],
    shell:
        "ige prepare-lifting-set --settings {SETTINGS} --code {params.code}"
        " --observation {wildcards.observation} --split {wildcards.split} --clips {input.clips}"
        " --detections {input.detections} --out {output.pairs} --skipped {output.skipped}"
        " --record {output.record} >{log} 2>&1"


rule prepare_manifest:
    input:
        shape_source,
    output:
        manifest=f"{RUN}/data/shapes/manifest.csv",
        skipped=f"{RUN}/data/shapes/skipped.csv",
        record=f"{RUN}/data/shapes/manifest.run.json",
    log:
        f"{RUN}/logs/prepare_manifest.log",
    threads: 1
    params:
        settings=SHAPE_SETTINGS.subtree(),
        # What lies in the folder: models that come or go.
        models=digest_of_json(
            [[entry.category, entry.id, entry.split, entry.origin] for entry in SHAPES.entries]
        ),
        left_out=digest_of_json([[row.id, row.reason] for row in SHAPES.skipped]),
        shards=of_shards(".h5"),
        code=CODE["prepare_manifest"],
    shell:
        "ige prepare-manifest --settings {SETTINGS} --code {params.code} {SHAPE_FOLDER_OPTION}"
        " --inputs {input:q} --splits workflow/splits --shards {params.shards}"
        " --out {output.manifest} --skipped {output.skipped} --record {output.record} >{log} 2>&1"


# A job is a block of models of one category and split: minutes, whatever the number of models.
rule prepare_shapes:
    input:
        mesh_files,
    output:
        shard=f"{RUN}/data/shapes/{{category}}/{{split}}-{{block}}.h5",
        skipped=f"{RUN}/data/shapes/{{category}}/{{split}}-{{block}}-skipped.csv",
        record=f"{RUN}/data/shapes/{{category}}/{{split}}-{{block}}.run.json",
    log:
        f"{RUN}/logs/prepare_shapes/{{category}}-{{split}}-{{block}}.log",
    threads: 1
    resources:
        mem_mb=memory_of("prepare_shapes"),
        runtime=minutes_of("prepare_shapes"),
    params:
        settings=lambda wildcards: stages.prepare_shapes(PARAMS, wildcards.category).subtree(),
        models=models_of_shard,
        code=CODE["prepare_shapes"],
    shell:
        "ige prepare-shapes --settings {SETTINGS} --code {params.code} {SHAPE_FOLDER_OPTION} --inputs {input:q}"
        " --category {wildcards.category} --split {wildcards.split} --models {params.models:q}"
        " --out {output.shard} --skipped {output.skipped} --record {output.record} >{log} 2>&1"
