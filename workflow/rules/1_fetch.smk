# Sources: what the user put there, what can be downloaded, and whether it is what it should be.


# Only into `downloaded`: Snakemake deletes the outputs of a rule, and the user's own files are nobody's outputs.
rule fetch_file:
    output:
        "{folder}/" + sources.DOWNLOADED + "/{file}",
    log:
        f"{RUN}/logs/fetch_file/{{folder}}/{{file}}.log",
    # What is wrong or cannot be had is told before hours of other work.
    priority: 10
    # The nodes of a cluster seldom reach the network.
    localrule: True
    threads: 1
    params:
        source=lambda wildcards: Path(wildcards.folder).name,
    shell:
        "ige fetch-file --source-list workflow/sources.csv --source {params.source} --file {wildcards.file:q}"
        " --out {output:q} --checksums workflow/checksums.csv >{log:q} 2>&1"


rule check_source:
    input:
        source_files,
    output:
        facts=f"{RUN}/data/poses/checks/{{source}}-{{group}}.json",
        record=f"{RUN}/data/poses/checks/{{source}}-{{group}}.run.json",
    log:
        f"{RUN}/logs/check_source/{{source}}-{{group}}.log",
    priority: 10
    threads: 1
    params:
        folder=lambda wildcards: POSE_DATA.folder,
        part="--part" if PARAMS.poses.h36m.frames == "part" else "",
        rows=rows_of_group,
        code=CODE["check_source"],
    shell:
        "ige check-source --code {params.code} --source-list workflow/sources.csv --source {wildcards.source}"
        " --groups {wildcards.group} {params.part} --folder {params.folder:q} --inputs {input:q}"
        " --checksums workflow/checksums.csv --out {output.facts} --record {output.record} >{log} 2>&1"
