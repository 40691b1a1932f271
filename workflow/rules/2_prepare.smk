# Sources -> clips -> pairs of observations and poses.


rule prepare_clips:
    input:
        motion_files,
    output:
        clips=f"{RUN}/data/poses/clips.h5",
        skipped=f"{RUN}/data/poses/skipped.csv",
    log:
        f"{RUN}/logs/prepare_clips.log",
    threads: 1
    params:
        settings=stages.prepare_clips(PARAMS).subtree(),
        code=CODE["prepare_clips"],
    shell:
        "ige prepare-clips --settings {SETTINGS} {FOLDER}"
        " --out {output.clips} --skipped {output.skipped} >{log} 2>&1"


rule prepare_lifting_set:
    input:
        clips=f"{RUN}/data/poses/clips.h5",
    output:
        pairs=f"{RUN}/data/poses/{{split}}.h5",
        skipped=f"{RUN}/data/poses/{{split}}-skipped.csv",
    log:
        f"{RUN}/logs/prepare_lifting_set/{{split}}.log",
    threads: 1
    params:
        settings=stages.prepare_lifting_set(PARAMS).subtree(),
        code=CODE["prepare_lifting_set"],
    shell:
        "ige prepare-lifting-set --settings {SETTINGS} --split {wildcards.split}"
        " --clips {input.clips} --out {output.pairs} --skipped {output.skipped} >{log} 2>&1"
