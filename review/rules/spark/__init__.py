"""Rules about Spark."""
