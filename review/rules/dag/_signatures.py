"""The arguments of Airflow's DAG and of its core operators, in any version that was looked at.

Written by `tests/evals/airflow_signatures.py`, not by hand.

Read off the wheels on PyPI of core 1.10.15, core 2.0.2, core 2.10.5, core 2.11.2, core 2.2.5, core 2.4.3, core 2.6.3,
core 2.9.3, core 3.0.6, core 3.1.8, core 3.3.2, providers_amazon 9.39.0, providers_cncf_kubernetes 1.2.0,
providers_cncf_kubernetes 10.25.0, providers_cncf_kubernetes 10.4.3, providers_cncf_kubernetes 3.1.2,
providers_cncf_kubernetes 4.4.0, providers_cncf_kubernetes 5.2.2, providers_cncf_kubernetes 7.14.0,
providers_cncf_kubernetes 8.4.2, providers_common_sql 1.14.2, providers_common_sql 1.3.4, providers_common_sql 1.8.0,
providers_common_sql 2.4.0, providers_databricks 7.23.0, providers_google 10.17.0, providers_google 14.0.0,
providers_google 22.8.0, providers_google 5.1.0, providers_google 7.0.0, providers_google 8.12.0, providers_http 2.1.2,
providers_http 4.8.0, providers_http 6.3.0, providers_postgres 4.1.0, providers_postgres 5.10.2, providers_postgres
7.1.1, providers_slack 4.2.3, providers_slack 9.11.1, providers_smtp 1.6.1, providers_smtp 3.2.0, providers_snowflake
2.7.0, providers_snowflake 5.3.1, providers_snowflake 6.20.0, providers_standard 0.1.0, providers_standard 1.2.0,
providers_standard 1.21.0, providers_standard 1.9.2, task_sdk 1.0.6, task_sdk 1.1.8, task_sdk 1.3.2.
"""

DAG = frozenset(
    (
        "access_control allowed_run_types auto_register catchup concurrency dag_display_name dag_id dagrun_timeout "
        "deadline default_args default_view description disable_bundle_versioning doc_md end_date fail_fast "
        "fail_stop full_filepath is_paused_upon_creation jinja_environment_kwargs last_loaded max_active_runs "
        "max_active_tasks max_consecutive_failed_dag_runs on_failure_callback on_success_callback orientation "
        "owner_links params partial render_template_as_native_obj rerun_with_latest_version schedule "
        "schedule_interval serialized_fields sla_miss_callback start_date tags task_group template_searchpath "
        "template_undefined timetable user_defined_filters user_defined_macros"
    ).split()
)

OPERATOR = frozenset(
    (
        "allow_nested_operators dag default_args depends_on_past do_xcom_push doc doc_json doc_md doc_rst doc_yaml "
        "email email_on_failure email_on_retry end_date execution_timeout executor executor_config "
        "ignore_first_depends_on_past inlets logger_name map_index_template max_active_tis_per_dag "
        "max_active_tis_per_dagrun max_retry_delay multiple_outputs on_execute_callback on_failure_callback "
        "on_retry_callback on_skipped_callback on_success_callback outlets owner params pool pool_slots "
        "post_execute pre_execute priority_weight queue render_template_as_native_obj resources retries retry_delay "
        "retry_exponential_backoff retry_policy run_as_user schedule_interval sla start_date task_concurrency "
        "task_display_name task_group task_id trigger_rule wait_for_downstream "
        "wait_for_past_depends_before_skipping weight_rule"
    ).split()
)
"""Of every operator."""

OPERATORS = {
    "BashOperator": frozenset(
        (
            "append_env bash_command cwd env output_encoding output_processor skip_exit_code skip_on_exit_code "
            "xcom_push"
        ).split()
    ),
    "BashSensor": frozenset(
        (
            "bash_command context env exponential_backoff max_wait mode never_fail output_encoding poke_interval "
            "retry_exit_code silent_fail soft_fail timeout"
        ).split()
    ),
    "BigQueryCheckOperator": frozenset(
        (
            "bigquery_conn_id conn_id database deferrable encryption_configuration gcp_conn_id hook_params "
            "impersonation_chain labels location parameters poll_interval project_id query_params retry_on_failure "
            "sql use_legacy_sql"
        ).split()
    ),
    "BigQueryExecuteQueryOperator": frozenset(
        (
            "allow_large_results api_resource_configs bigquery_conn_id cluster_fields create_disposition "
            "delegate_to destination_dataset_table encryption_configuration flatten_results gcp_conn_id "
            "impersonation_chain impersonation_scopes job_id labels location maximum_billing_tier "
            "maximum_bytes_billed priority query_params schema_update_options sql time_partitioning udf_config "
            "use_legacy_sql write_disposition"
        ).split()
    ),
    "BigQueryInsertJobOperator": frozenset(
        (
            "cancel_on_kill configuration deferrable delegate_to durable force_rerun gcp_conn_id "
            "impersonation_chain job_id location poll_interval project_id reattach_states result_retry "
            "result_timeout"
        ).split()
    ),
    "BigQueryTableExistenceSensor": frozenset(
        (
            "bigquery_conn_id context dataset_id deferrable delegate_to exponential_backoff gcp_conn_id "
            "impersonation_chain max_wait mode never_fail poke_interval polling_interval project_id silent_fail "
            "soft_fail table_id timeout"
        ).split()
    ),
    "BigQueryToGCSOperator": frozenset(
        (
            "bigquery_conn_id cancel_on_kill compression deferrable delegate_to destination_cloud_storage_uris "
            "export_format field_delimiter force_rerun gcp_conn_id impersonation_chain job_id labels location "
            "print_header project_id reattach_states result_retry result_timeout source_project_dataset_table"
        ).split()
    ),
    "BigQueryValueCheckOperator": frozenset(
        (
            "bigquery_conn_id conn_id database deferrable encryption_configuration gcp_conn_id hook_params "
            "impersonation_chain labels location parameters pass_value poll_interval project_id retry_on_failure "
            "sql tolerance use_legacy_sql"
        ).split()
    ),
    "BranchDateTimeOperator": frozenset(
        (
            "context follow_task_ids_if_false follow_task_ids_if_true target_lower target_upper "
            "use_task_execution_date use_task_logical_date"
        ).split()
    ),
    "BranchDayOfWeekOperator": frozenset(
        (
            "context follow_task_ids_if_false follow_task_ids_if_true use_task_execution_day use_task_logical_date "
            "week_day"
        ).split()
    ),
    "BranchExternalPythonOperator": frozenset(
        (
            "context env_vars expect_airflow expect_pendulum inherit_env op_args op_kwargs provide_context python "
            "python_callable serializer show_return_value_in_logs skip_on_exit_code string_args templates_dict "
            "templates_exts use_dill"
        ).split()
    ),
    "BranchPythonOperator": frozenset(
        (
            "context op_args op_kwargs provide_context python_callable show_return_value_in_logs templates_dict "
            "templates_exts"
        ).split()
    ),
    "BranchPythonVirtualenvOperator": frozenset(
        (
            "context env_vars expect_airflow index_urls index_urls_from_connection_ids inherit_env op_args "
            "op_kwargs pip_install_options provide_context python_callable python_version requirements serializer "
            "show_return_value_in_logs skip_on_exit_code string_args system_site_packages templates_dict "
            "templates_exts use_dill venv_cache_path"
        ).split()
    ),
    "BranchSQLOperator": frozenset(
        (
            "conn_id context database follow_task_ids_if_false follow_task_ids_if_true hook_params parameters "
            "retry_on_failure sql"
        ).split()
    ),
    "DataprocSubmitJobOperator": frozenset(
        (
            "asynchronous cancel_on_kill deferrable gcp_conn_id impersonation_chain job location metadata "
            "openlineage_inject_parent_job_info openlineage_inject_transport_info polling_interval_seconds "
            "project_id region request_id retry start_from_trigger timeout wait_timeout"
        ).split()
    ),
    "DateTimeSensor": frozenset(
        (
            "context exponential_backoff max_wait mode never_fail poke_interval silent_fail soft_fail target_time "
            "timeout"
        ).split()
    ),
    "DateTimeSensorAsync": frozenset(
        (
            "context end_from_trigger exponential_backoff max_wait mode never_fail poke_interval silent_fail "
            "soft_fail start_from_trigger target_time timeout trigger_kwargs"
        ).split()
    ),
    "DayOfWeekSensor": frozenset(
        (
            "context exponential_backoff max_wait mode never_fail poke_interval silent_fail soft_fail timeout "
            "use_task_execution_day use_task_logical_date week_day"
        ).split()
    ),
    "DummyOperator": frozenset[str](),
    "EmailOperator": frozenset(
        ("bcc cc conn_id custom_headers files from_email html_content mime_charset mime_subtype subject to").split()
    ),
    "EmptyOperator": frozenset[str](),
    "ExternalPythonOperator": frozenset(
        (
            "env_vars expect_airflow expect_pendulum inherit_env op_args op_kwargs provide_context python "
            "python_callable serializer show_return_value_in_logs skip_on_exit_code string_args templates_dict "
            "templates_exts use_dill"
        ).split()
    ),
    "ExternalTaskMarker": frozenset(
        ("execution_date external_dag_id external_task_id logical_date recursion_depth").split()
    ),
    "ExternalTaskSensor": frozenset(
        (
            "allowed_states check_existence context deferrable execution_date_fn execution_delta "
            "exponential_backoff external_dag_id external_task_group_id external_task_id external_task_ids "
            "failed_states max_wait mode never_fail poke_interval poll_interval silent_fail skipped_states "
            "soft_fail timeout"
        ).split()
    ),
    "FileSensor": frozenset(
        (
            "context deferrable exponential_backoff filepath fs_conn_id max_wait mode never_fail poke_interval "
            "recursive silent_fail soft_fail start_from_trigger timeout trigger_kwargs"
        ).split()
    ),
    "GCSObjectExistenceSensor": frozenset(
        (
            "bucket context deferrable delegate_to exponential_backoff google_cloud_conn_id impersonation_chain "
            "max_wait mode never_fail object poke_interval retry silent_fail soft_fail timeout use_glob"
        ).split()
    ),
    "GCSToBigQueryOperator": frozenset(
        (
            "allow_jagged_rows allow_quoted_newlines autodetect bigquery_conn_id bucket cancel_on_kill "
            "cluster_fields compression create_disposition deferrable delegate_to description "
            "destination_project_dataset_table encoding encryption_configuration external_table extra_config "
            "field_delimiter force_delete force_rerun gcp_conn_id google_cloud_storage_conn_id "
            "ignore_unknown_values impersonation_chain job_id labels location max_bad_records max_id_key project_id "
            "quote_character range_partitioning reattach_states result_retry result_timeout schema_fields "
            "schema_object schema_object_bucket schema_update_options skip_leading_rows source_format "
            "source_objects src_fmt_configs time_partitioning write_disposition"
        ).split()
    ),
    "GKEStartPodOperator": frozenset(
        (
            "active_deadline_seconds affinity annotations arguments automount_service_account_token "
            "base_container_name base_container_status_polling_interval callbacks cluster_context cluster_name cmds "
            "config_file configmaps container_logs container_name_log_prefix_enabled container_resources "
            "container_security_context deferrable dns_config dnspolicy durable env_from env_vars full_pod_spec "
            "gcp_conn_id get_logs host_aliases hostname hostnetwork image image_pull_policy image_pull_secrets "
            "impersonation_chain in_cluster init_container_logs init_containers is_delete_operator_pod "
            "kubernetes_conn_id labels location log_events_on_failure log_events_on_startup log_formatter "
            "log_pod_spec_on_failure logging_interval name namespace node_selector node_selectors on_finish_action "
            "on_kill_action pod_runtime_info_envs pod_template_dict pod_template_file poll_interval ports "
            "priority_class_name progress_callback project_id random_name_suffix reattach_on_restart regional "
            "runtime_class_name schedule_timeout_seconds schedulername secrets security_context "
            "service_account_name skip_on_exit_code startup_check_interval_seconds startup_timeout_seconds "
            "subdomain termination_grace_period termination_message_policy tolerations trigger_kwargs "
            "use_dns_endpoint use_internal_ip volume_mounts volumes xcom_push "
            "xcom_sidecar_container_security_context"
        ).split()
    ),
    "HttpOperator": frozenset(
        (
            "auth_type data deferrable endpoint extra_options headers http_conn_id log_response method "
            "pagination_function request_kwargs response_check response_filter retry_args tcp_keep_alive "
            "tcp_keep_alive_count tcp_keep_alive_idle tcp_keep_alive_interval warn_on_non_idempotent"
        ).split()
    ),
    "HttpSensor": frozenset(
        (
            "context deferrable endpoint exponential_backoff extra_options headers http_conn_id max_wait method "
            "mode never_fail poke_interval request_kwargs request_params response_check "
            "response_error_codes_allowlist silent_fail soft_fail tcp_keep_alive tcp_keep_alive_count "
            "tcp_keep_alive_idle tcp_keep_alive_interval timeout"
        ).split()
    ),
    "KubernetesPodOperator": frozenset(
        (
            "active_deadline_seconds affinity annotations arguments automount_service_account_token "
            "base_container_name base_container_status_polling_interval callbacks cluster_context cmds config_file "
            "configmaps container_logs container_name_log_prefix_enabled container_resources "
            "container_security_context deferrable dns_config dnspolicy durable env_from env_vars full_pod_spec "
            "get_logs host_aliases hostname hostnetwork image image_pull_policy image_pull_secrets in_cluster "
            "init_container_logs init_containers is_delete_operator_pod kubernetes_conn_id labels "
            "log_events_on_failure log_events_on_startup log_formatter log_pod_spec_on_failure logging_interval "
            "name namespace node_selector node_selectors on_finish_action on_kill_action pod_runtime_info_envs "
            "pod_template_dict pod_template_file poll_interval ports priority_class_name progress_callback "
            "random_name_suffix reattach_on_restart runtime_class_name schedule_timeout_seconds schedulername "
            "secrets security_context service_account_name skip_on_exit_code startup_check_interval_seconds "
            "startup_timeout_seconds subdomain termination_grace_period termination_message_policy tolerations "
            "trigger_kwargs volume_mounts volumes xcom_push xcom_sidecar_container_security_context"
        ).split()
    ),
    "LatestOnlyOperator": frozenset(("context").split()),
    "PostgresOperator": frozenset(
        (
            "autocommit conn_id database handler hook_params output_processor parameters postgres_conn_id "
            "requires_result_fetch retry_on_failure return_last runtime_parameters show_return_value_in_logs "
            "split_statements sql"
        ).split()
    ),
    "PythonOperator": frozenset(
        (
            "op_args op_kwargs provide_context python_callable show_return_value_in_logs templates_dict templates_exts"
        ).split()
    ),
    "PythonSensor": frozenset(
        (
            "context exponential_backoff max_wait mode never_fail op_args op_kwargs poke_interval provide_context "
            "python_callable silent_fail soft_fail templates_dict timeout"
        ).split()
    ),
    "PythonVirtualenvOperator": frozenset(
        (
            "env_vars expect_airflow index_urls index_urls_from_connection_ids inherit_env op_args op_kwargs "
            "pip_install_options provide_context python_callable python_version requirements serializer "
            "show_return_value_in_logs skip_on_exit_code string_args system_site_packages templates_dict "
            "templates_exts use_dill venv_cache_path"
        ).split()
    ),
    "SQLCheckOperator": frozenset(("conn_id database hook_params parameters retry_on_failure sql").split()),
    "SQLColumnCheckOperator": frozenset(
        ("accept_none column_mapping conn_id database hook_params partition_clause retry_on_failure table").split()
    ),
    "SQLExecuteQueryOperator": frozenset(
        (
            "autocommit conn_id database handler hook_params output_processor parameters requires_result_fetch "
            "retry_on_failure return_last show_return_value_in_logs split_statements sql"
        ).split()
    ),
    "SQLIntervalCheckOperator": frozenset(
        (
            "conn_id database date_filter_column days_back hook_params ignore_zero metrics_thresholds ratio_formula "
            "retry_on_failure table"
        ).split()
    ),
    "SQLTableCheckOperator": frozenset(
        ("accept_none checks conn_id database hook_params partition_clause retry_on_failure table").split()
    ),
    "SQLThresholdCheckOperator": frozenset(
        ("conn_id database hook_params max_threshold min_threshold retry_on_failure sql").split()
    ),
    "SQLValueCheckOperator": frozenset(
        ("conn_id database hook_params parameters pass_value retry_on_failure sql tolerance").split()
    ),
    "ShortCircuitOperator": frozenset(
        (
            "context ignore_downstream_trigger_rules op_args op_kwargs provide_context python_callable "
            "show_return_value_in_logs templates_dict templates_exts"
        ).split()
    ),
    "SimpleHttpOperator": frozenset(
        (
            "auth_type data deferrable endpoint extra_options headers http_conn_id log_response method "
            "pagination_function request_kwargs response_check response_filter retry_args tcp_keep_alive "
            "tcp_keep_alive_count tcp_keep_alive_idle tcp_keep_alive_interval warn_on_non_idempotent xcom_push"
        ).split()
    ),
    "SlackAPIPostOperator": frozenset(
        (
            "api_params attachments base_url blocks channel icon_url method proxy retry_handlers slack_conn_id text "
            "thread_ts timeout token username"
        ).split()
    ),
    "SlackWebhookOperator": frozenset(
        (
            "attachments auth_type blocks channel data deferrable endpoint extra_options headers http_conn_id "
            "icon_emoji icon_url link_names log_response message method pagination_function proxy request_kwargs "
            "response_check response_filter retry_args retry_handlers slack_webhook_conn_id tcp_keep_alive "
            "tcp_keep_alive_count tcp_keep_alive_idle tcp_keep_alive_interval timeout username "
            "warn_on_non_idempotent webhook_token xcom_push"
        ).split()
    ),
    "SnowflakeOperator": frozenset(
        (
            "authenticator autocommit conn_id database handler hook_params output_processor parameters "
            "requires_result_fetch retry_on_failure return_last role schema session_parameters "
            "show_return_value_in_logs snowflake_conn_id split_statements sql warehouse"
        ).split()
    ),
    "SqlSensor": frozenset(
        (
            "allow_null conn_id context exponential_backoff fail_on_empty failure hook_params max_wait mode "
            "never_fail parameters poke_interval selector silent_fail soft_fail sql success timeout"
        ).split()
    ),
    "TimeDeltaSensor": frozenset(
        (
            "context deferrable delta end_from_trigger exponential_backoff max_wait mode never_fail poke_interval "
            "silent_fail soft_fail timeout"
        ).split()
    ),
    "TimeDeltaSensorAsync": frozenset(
        (
            "context deferrable delta end_from_trigger exponential_backoff max_wait mode never_fail poke_interval "
            "silent_fail soft_fail timeout"
        ).split()
    ),
    "TimeSensor": frozenset(
        (
            "context deferrable end_from_trigger exponential_backoff max_wait mode never_fail poke_interval "
            "silent_fail soft_fail start_from_trigger target_time timeout trigger_kwargs"
        ).split()
    ),
    "TriggerDagRunOperator": frozenset(
        (
            "allowed_states conf deferrable execution_date fail_when_dag_is_paused failed_states logical_date note "
            "openlineage_inject_parent_info poke_interval python_callable reset_dag_run run_after "
            "skip_when_already_exists trigger_dag_id trigger_run_id wait_for_completion"
        ).split()
    ),
}
"""Class → the arguments that it has besides."""
