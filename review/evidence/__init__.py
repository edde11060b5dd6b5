"""What the tools saw: rules and sqlfluff, run over the artifacts in jailed workers."""
