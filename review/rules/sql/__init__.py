"""Rules about SQL, in dbt models too."""
