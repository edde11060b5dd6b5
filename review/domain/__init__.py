"""The values that flow through the pipeline, and `redaction`: standard library only, importing nothing else of ours."""
