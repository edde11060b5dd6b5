"""The names that Airflow gives a template, and a task's function by its parameters."""

CONTEXT = frozenset(
    {
        *("conf", "conn", "dag", "dag_run", "ds", "ds_nodash", "exception", "execution_date", "expanded_ti_count"),
        *("data_interval_end", "data_interval_start", "logical_date", "macros", "map_index_template", "params"),
        *("inlets", "inlet_events", "outlets", "outlet_events", "next_ds", "next_ds_nodash", "next_execution_date"),
        *("prev_data_interval_start_success", "prev_data_interval_end_success", "prev_start_date_success"),
        *("prev_ds", "prev_ds_nodash", "prev_execution_date", "prev_execution_date_success", "prev_end_date_success"),
        *("reason", "run_id", "start_date", "end_date", "task", "task_instance", "task_instance_key_str", "tables"),
        *("task_reschedule_count", "templates_dict", "test_mode", "ti", "tomorrow_ds", "tomorrow_ds_nodash", "ts"),
        *("triggering_asset_events", "triggering_dataset_events", "triggered_by", "ts_nodash", "ts_nodash_with_tz"),
        *("try_number", "var", "yesterday_ds", "yesterday_ds_nodash", "latest_date", "context", "loop", "range"),
    }
)
"""Of any Airflow from 1.10 to 3.1."""
