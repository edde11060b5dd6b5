"""Rules about Airflow."""
