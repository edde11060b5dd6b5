"""Rules about dbt."""
