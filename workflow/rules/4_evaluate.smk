# Models -> scores and examples.


rule evaluate_poses:
    input:
        test=pairs_of("test"),
        models=per_seed("models/poses/{model}/seed{seed}/model.pt"),
    output:
        scores=per_seed("scores/poses/{model}/seed{seed}.json"),
        records=per_seed("scores/poses/{model}/seed{seed}.run.json"),
        predictions=f"{RUN}/scores/poses/{{model}}/examples.h5",
    log:
        f"{RUN}/logs/evaluate_poses/{{model}}.log",
    threads: 1
    resources:
        mem_mb=memory_of("evaluate_poses"),
        runtime=minutes_of("evaluate_poses"),
        gpu=gpus_of("evaluate_poses"),
    params:
        name=name_of,
        settings=lambda wildcards: stages.evaluate_poses(PARAMS, name_of(wildcards)).subtree(),
        code=CODE["evaluate_poses"],
    shell:
        "ige evaluate-poses --settings {SETTINGS} --code {params.code} --model {params.name}"
        " --test {input.test} --models {input.models} --scores {output.scores}"
        " --records {output.records} --predictions {output.predictions} >{log} 2>&1"


rule evaluate_shapes:
    input:
        test=shards_of_split("test"),
        models=per_seed("models/shapes/{trained}/seed{seed}/model.pt", SHAPE_SEEDS),
    output:
        scores=per_seed("scores/shapes/{trained}/seed{seed}.json", SHAPE_SEEDS),
        records=per_seed("scores/shapes/{trained}/seed{seed}.run.json", SHAPE_SEEDS),
        predictions=f"{RUN}/scores/shapes/{{trained}}/examples.h5",
    log:
        f"{RUN}/logs/evaluate_shapes/{{trained}}.log",
    threads: 1
    resources:
        mem_mb=memory_of("evaluate_shapes"),
        runtime=minutes_of("evaluate_shapes"),
        gpu=gpus_of("evaluate_shapes"),
    params:
        name=name_of,
        settings=lambda wildcards: stages.evaluate_shapes(PARAMS, name_of(wildcards)).subtree(),
        code=CODE["evaluate_shapes"],
    shell:
        "ige evaluate-shapes --settings {SETTINGS} --code {params.code} --model {params.name}"
        " --test {input.test} --models {input.models} --scores {output.scores}"
        " --records {output.records} --predictions {output.predictions} >{log} 2>&1"
