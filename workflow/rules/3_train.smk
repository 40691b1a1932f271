# Pairs, shape sets -> models. A job trains all seeds of one model, one after another; its checkpoints lie outside the
# declared outputs, which Snakemake deletes when a job fails.


rule train_poses:
    input:
        train=pairs_of("train"),
        validation=pairs_of("validation"),
        initials=initial_models,
    output:
        models=per_seed("models/poses/{model}/seed{seed}/model.pt"),
        histories=per_seed("models/poses/{model}/seed{seed}/history.csv"),
        records=per_seed("models/poses/{model}/seed{seed}/run.json"),
    log:
        f"{RUN}/logs/train_poses/{{model}}.log",
    threads: 1
    resources:
        mem_mb=memory_of("train_poses"),
        runtime=minutes_of("train_poses"),
        gpu=gpus_of("train_poses"),
    params:
        name=name_of,
        settings=lambda wildcards: stages.train_poses(PARAMS, name_of(wildcards)).subtree(),
        code=CODE["train_poses"],
    shell:
        "ige train-poses --settings {SETTINGS} --code {params.code} --model {params.name}"
        " --train {input.train} --validation {input.validation} --initials {input.initials}"
        " --models {output.models} --histories {output.histories} --records {output.records}"
        " --checkpoints {RUN}/checkpoints/poses/{wildcards.model} >{log} 2>&1"


rule train_shapes:
    input:
        train=shards_of_split("train"),
        validation=shards_of_split("validation"),
        initials=initial_shape_models,
    output:
        models=per_seed("models/shapes/{trained}/seed{seed}/model.pt", SHAPE_SEEDS),
        histories=per_seed("models/shapes/{trained}/seed{seed}/history.csv", SHAPE_SEEDS),
        records=per_seed("models/shapes/{trained}/seed{seed}/run.json", SHAPE_SEEDS),
    log:
        f"{RUN}/logs/train_shapes/{{trained}}.log",
    threads: 1
    resources:
        mem_mb=memory_of("train_shapes"),
        runtime=minutes_of("train_shapes"),
        gpu=gpus_of("train_shapes"),
    params:
        name=name_of,
        settings=lambda wildcards: stages.train_shapes(PARAMS, name_of(wildcards)).subtree(),
        code=CODE["train_shapes"],
    shell:
        "ige train-shapes --settings {SETTINGS} --code {params.code} --model {params.name}"
        " {SHAPE_FOLDER_OPTION} --train {input.train} --validation {input.validation} --initials {input.initials}"
        " --models {output.models} --histories {output.histories} --records {output.records}"
        " --checkpoints {RUN}/checkpoints/shapes/{wildcards.trained} >{log} 2>&1"
