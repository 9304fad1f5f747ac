# Everything that can be chosen, chosen at once.

mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project             = "test-project"
  region              = "asia-northeast1"
  secrets             = ["GEMINI_API_KEY"]
  raw_ads             = { table = "other-project.marketing.all_ads" }
  labels              = { team = "growth" }
  alert_emails        = ["ads@example.com"]
  alerts_left_out     = ["errors"]
  dashboard           = false
  deletion_protection = false
  function_limits     = { extract = { max_instances = 3 } }
  function_env        = { extract = { MEDIA_RESOLUTION = "low" } }
  embedding_model     = "gemini-embedding-2"
  features            = "pipeline.yaml" # a file of this folder that stands for a taxonomy: it asks nothing
}

run "what_is_chosen_is_done" {
  command = plan

  # The taxonomy lies in the bucket under its content's hash, and who asks by it, or compares by it, is told where.
  assert {
    condition     = [for object in google_storage_bucket_object.taxonomy : [object.bucket, object.name, object.content]] == [["test-project-creatives-results", "taxonomies/${filesha256("pipeline.yaml")}.yaml", file("pipeline.yaml")]]
    error_message = "The taxonomy is not in the bucket as it is."
  }

  assert {
    condition     = alltrue([for name in ["extract", "measure"] : try(local.function_env[name].FEATURES, null) == "gs://test-project-creatives-results/taxonomies/${filesha256("pipeline.yaml")}.yaml"])
    error_message = "extract or measure does not read the taxonomy that was chosen."
  }

  # Who makes vectors is told by which model, and nobody else.
  assert {
    condition     = [for name, env in local.function_env : name if contains(keys(env), "EMBEDDING_MODEL")] == ["embed"]
    error_message = "The model of vectors is told to another function than embed, or not to it."
  }

  # With a key only who asks for it reads it.
  assert {
    condition = alltrue([
      for name, f in google_cloudfunctions2_function.this :
      join(" ", sort([for secret in f.service_config[0].secret_environment_variables : secret.key])) == join(" ", sort([for secret in try(local.functions[name].secrets, []) : secret if contains(var.secrets, secret)]))
    ])
    error_message = "A function gets another secret than those it asks for."
  }

  assert {
    condition     = length(google_project_iam_member.model) == 0
    error_message = "With a key nobody needs Vertex AI."
  }

  # A raw ads table of ones own is read and nothing beside it.
  assert {
    condition = alltrue([
      for grant in google_bigquery_table_iam_member.function :
      grant.table_id != "raw_ads" && (grant.project == "test-project" || (grant.dataset_id == "marketing" && grant.table_id == "all_ads"))
    ])
    error_message = "The right to read raw ads is not on the user's own table."
  }

  assert {
    condition     = alltrue([for name, f in local.functions : !anytrue([for topic in ["url-batches", "settled"] : contains(f.publishes, topic)]) || try(local.function_env[name].RAW_ADS_TABLE, null) == "other-project.marketing.all_ads"])
    error_message = "import_ads or settle is not told which table to read."
  }

  # Of another table's columns no more is taken for granted than one address.
  assert {
    condition     = alltrue([for name, f in local.functions : !anytrue([for topic in ["url-batches", "settled"] : contains(f.publishes, topic)]) || try(local.function_env[name].RAW_ADS_URL_COLUMNS, null) == "url"])
    error_message = "A column of addresses is read that the user's own table need not have."
  }

  # Everything is where it was asked for.
  assert {
    condition = alltrue([
      for place in concat(
        [for r in google_cloudfunctions2_function.this : r.location], [for r in google_cloud_scheduler_job.this : r.region],
        [for r in google_cloud_run_v2_service_iam_member.invoker : r.location],
        [for r in google_storage_bucket.this : lower(r.location)], [lower(google_storage_bucket.archives.location)],
        [for r in google_bigquery_dataset.this : r.location], [google_artifact_registry_repository.images.location],
      ) : place == var.region
    ])
    error_message = "Something is made elsewhere than in the region that was chosen."
  }

  # Everything is labelled.
  assert {
    condition = alltrue([
      for labels in concat(
        [for r in google_pubsub_topic.this : r.labels], [for r in google_pubsub_subscription.push : r.labels],
        [for r in google_pubsub_subscription.rows : r.labels], [for r in google_cloudfunctions2_function.this : r.labels],
        [for r in google_storage_bucket.this : r.labels], [google_storage_bucket.archives.labels],
        [for r in google_bigquery_dataset.this : r.labels], [for r in google_bigquery_table.this : r.labels],
        [google_artifact_registry_repository.images.labels],
        [for r in google_monitoring_alert_policy.metric : r.user_labels],
        [for r in google_monitoring_alert_policy.log : r.user_labels],
        [for r in google_monitoring_notification_channel.email : r.user_labels],
      ) : labels == tomap({ app = "creatives", deployment = "creatives", managed-by = "terraform", team = "growth" })
    ])
    error_message = "Something has not all labels."
  }

  # Alerts tell whom they should.
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.metric)) == toset(["dead-letters", "stuck-stage"]) && toset(keys(google_monitoring_alert_policy.log)) == toset(["budget-reached", "worn-creatives"])
    error_message = "Not the alerts that were asked for."
  }

  assert {
    condition     = alltrue([for policy in concat(values(google_monitoring_alert_policy.metric), values(google_monitoring_alert_policy.log)) : length(policy.notification_channels) == 1])
    error_message = "An alert tells nobody."
  }

  # A tear down may delete everything.
  assert {
    condition     = alltrue([for table in google_bigquery_table.this : !table.deletion_protection]) && alltrue([for bucket in google_storage_bucket.this : bucket.force_destroy])
    error_message = "deletion_protection = false leaves something protected: `make destroy` would stop half-way."
  }

  # Watching is optional.
  assert {
    condition     = length(google_monitoring_dashboard.this) == 0
    error_message = "A dashboard is made that nobody asked for."
  }

  # Limits and settings of one function leave the others alone.
  assert {
    condition     = google_cloudfunctions2_function.this["extract"].service_config[0].max_instance_count == 3 && google_cloudfunctions2_function.this["extract"].service_config[0].available_memory == "${local.functions.extract.memory_mib}Mi"
    error_message = "function_limits does not set what it says, or more."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["extract"].service_config[0].environment_variables.MEDIA_RESOLUTION == "low"
    error_message = "function_env does not reach its function."
  }

  assert {
    condition = alltrue([
      for name, f in local.functions : name == "extract" || google_cloudfunctions2_function.this[name].service_config[0].max_instance_count == f.max_instances
    ])
    error_message = "function_limits of one function changes another."
  }
}

run "what_an_organisation_demands_is_done" {
  command = plan

  variables {
    name          = "ads-dev"
    kms_key       = "projects/keys/locations/asia-northeast1/keyRings/ads/cryptoKeys/ads"
    vpc_connector = "projects/test-project/locations/asia-northeast1/connectors/private"
    worker_pool   = "projects/test-project/locations/asia-northeast1/workerPools/private"
    existing      = { dataset = "marketing", buckets = { creatives = "our-own-creatives" } }
  }

  # Everything is encrypted with the key, and whoever encrypts may use it.
  assert {
    condition = alltrue([
      for key in concat(
        [for r in google_cloudfunctions2_function.this : r.kms_key_name], [for r in google_pubsub_topic.this : r.kms_key_name],
        [for r in google_storage_bucket.this : r.encryption[0].default_kms_key_name],
        [google_storage_bucket.archives.encryption[0].default_kms_key_name],
        [for r in google_bigquery_table.this : r.encryption_configuration[0].kms_key_name],
        [google_artifact_registry_repository.images.kms_key_name],
      ) : key == var.kms_key
    ])
    error_message = "Something is not encrypted with the key that was named."
  }

  assert {
    condition     = length(google_kms_crypto_key_iam_member.agent) == 6 && alltrue([for grant in google_kms_crypto_key_iam_member.agent : grant.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"])
    error_message = "A service that encrypts may not use the key."
  }

  # Functions are built in the pool and reach private addresses by the connector, everything else directly.
  assert {
    condition = alltrue([
      for f in google_cloudfunctions2_function.this :
      f.build_config[0].worker_pool == var.worker_pool && f.service_config[0].vpc_connector == var.vpc_connector &&
      f.service_config[0].vpc_connector_egress_settings == "PRIVATE_RANGES_ONLY"
    ])
    error_message = "A function is built elsewhere, or goes another way, than was said."
  }

  # What is there is used, and not made.
  assert {
    condition     = toset(keys(google_storage_bucket.this)) == setsubtract(keys(local.buckets), ["creatives"]) && length(google_bigquery_dataset.this) == 0
    error_message = "A bucket or dataset that was named as existing would be made."
  }

  assert {
    condition = alltrue([
      for f in google_cloudfunctions2_function.this :
      f.service_config[0].environment_variables.CREATIVES_BUCKET == "our-own-creatives" && f.service_config[0].environment_variables.DATASET == "marketing"
    ])
    error_message = "A function is not told of the existing bucket or dataset."
  }

  assert {
    condition     = google_storage_notification.this["creatives"].bucket == "our-own-creatives" && alltrue([for table in google_bigquery_table.this : table.dataset_id == "marketing"])
    error_message = "Uploads to the existing bucket start nothing, or tables are made elsewhere than in the existing dataset."
  }
}
