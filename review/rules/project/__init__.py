"""The dbt project around the file under review, at one commit, from its sources alone: no dbt is run."""
