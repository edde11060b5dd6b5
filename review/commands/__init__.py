"""The commands of the command line: each builds the real clients it needs and hands them to the pipeline."""
