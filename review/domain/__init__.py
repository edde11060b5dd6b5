"""The values that flow through the pipeline: frozen, standard library only, importing nothing else of ours."""
