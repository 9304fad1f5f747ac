# The functions: each with an account of its own, built by an account that can do nothing else, and callable by its
# invoker alone. They are HTTP functions behind our own push subscriptions, because a function's event trigger can
# not have a dead letter.

locals {
  known_secrets = toset(flatten([for f in values(local.pipeline.functions) : try(f.secrets, [])]))
  uses_vertex   = !contains(var.secrets, "GEMINI_API_KEY")

  function_secrets = {
    for name, f in local.functions : name => toset([for secret in try(f.secrets, []) : secret if contains(var.secrets, secret)])
  }

  # Who asks for the key calls the model, by the key or without it.
  model_callers = toset([for name, f in local.functions : name if contains(try(f.secrets, []), "GEMINI_API_KEY")])

  everyones_env = merge(
    { GOOGLE_CLOUD_PROJECT = var.project, DATASET = local.dataset, DEPLOYMENT = var.name },
    { for name, full_name in local.bucket_names : "${upper(name)}_BUCKET" => full_name if name != "index" },
  )

  model_env = merge(
    local.uses_vertex ? { GOOGLE_GENAI_USE_VERTEXAI = "true", GOOGLE_CLOUD_LOCATION = var.gemini_location } : {},
    var.daily_budget_usd == null ? {} : { DAILY_BUDGET_USD = tostring(var.daily_budget_usd) },
  )

  asked_env = (
    length(local.taxonomies) > 0 ? { for file, _ in local.taxonomies : "FEATURES" => "gs://${local.bucket_names["results"]}/${google_storage_bucket_object.taxonomy[file].name}" } :
    var.features == null ? {} : { FEATURES = var.features }
  )

  raw_ads_env = {
    RAW_ADS_TABLE       = local.raw_ads.full_name
    RAW_ADS_ID_COLUMN   = var.raw_ads.id_column
    RAW_ADS_URL_COLUMNS = join(",", local.raw_ads_url_columns)
  }

  function_env = {
    for name, f in local.functions : name => merge(
      local.everyones_env,
      # One worker that serves as many requests at a time as Cloud Run sends it; each has a processor to itself as it is,
      # and NumPy's products of small matrices take ten times as long where threads of their own wait for one another.
      { WORKERS = "1", THREADS = tostring(f.concurrency), OPENBLAS_NUM_THREADS = "1" },
      contains(local.model_callers, name) ? local.model_env : {},
      contains(f.publishes, "features") ? merge({ GEMINI_MODEL = var.gemini_model }, local.asked_env) : {},
      contains(f.publishes, "embeddings") && var.embedding_model != null ? { EMBEDDING_MODEL = var.embedding_model } : {},
      contains(f.publishes, "lifts") ? local.asked_env : {},
      contains(f.publishes, "url-batches") || contains(f.publishes, "settled") ? local.raw_ads_env : {},
      contains(f.reads, "index") ? { INDEX_BUCKET = local.bucket_names["index"] } : {},
      contains(f.publishes, "renditions") ? { INSTALL_BROWSER = "true" } : {},
      lookup(var.function_env, name, {}),
    )
  }

  function_limits = {
    for name, f in local.functions : name => {
      min_instances = try(coalesce(var.function_limits[name].min_instances), f.min_instances, 0)
      max_instances = try(coalesce(var.function_limits[name].max_instances), f.max_instances)
      memory_mib    = try(coalesce(var.function_limits[name].memory_mib), f.memory_mib)
      cpu           = try(coalesce(var.function_limits[name].cpu), f.cpu)
    }
  }

  # What Cloud Run asks for, by memory: https://cloud.google.com/run/docs/configuring/services/memory-limits (November 2026).
  least_cpu = {
    for name, limits in local.function_limits : name => (
      limits.memory_mib <= 4096 ? 1 : limits.memory_mib <= 8192 ? 2 : limits.memory_mib <= 16384 ? 4 : limits.memory_mib <= 24576 ? 6 : 8
    )
  }
}

resource "google_cloudfunctions2_function" "this" {
  for_each = local.functions

  name         = local.cloud_name[each.key]
  location     = var.region
  description  = "Takes ${join(" and ", [for s in values(local.pushes) : s.topic if s.function == each.key])}; publishes ${join(", ", each.value.publishes)}."
  labels       = local.labels
  kms_key_name = var.kms_key

  build_config {
    runtime           = "python313"
    entry_point       = each.value.entry_point
    docker_repository = google_artifact_registry_repository.images.id
    service_account   = google_service_account.builder.id
    worker_pool       = var.worker_pool

    source {
      storage_source {
        bucket = google_storage_bucket.archives.name
        object = google_storage_bucket_object.archive[each.key].name
      }
    }
  }

  service_config {
    available_memory                 = "${local.function_limits[each.key].memory_mib}Mi"
    available_cpu                    = tostring(local.function_limits[each.key].cpu)
    timeout_seconds                  = each.value.timeout_s
    max_instance_request_concurrency = each.value.concurrency
    min_instance_count               = local.function_limits[each.key].min_instances
    max_instance_count               = local.function_limits[each.key].max_instances
    service_account_email            = google_service_account.function[each.key].email
    vpc_connector                    = var.vpc_connector
    vpc_connector_egress_settings    = var.vpc_connector == null ? null : var.vpc_egress
    ingress_settings                 = "ALLOW_INTERNAL_ONLY" # lets Pub/Sub of this project in
    all_traffic_on_latest_revision   = true
    environment_variables            = local.function_env[each.key]

    dynamic "secret_environment_variables" {
      for_each = local.function_secrets[each.key]
      content {
        key        = secret_environment_variables.value
        project_id = var.project
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  lifecycle {
    precondition {
      condition     = local.least_cpu[each.key] <= local.function_limits[each.key].cpu
      error_message = "${each.key}: ${local.function_limits[each.key].memory_mib} MiB need ${local.least_cpu[each.key]} CPU on Cloud Run, it has ${local.function_limits[each.key].cpu}: set function_limits = { ${each.key} = { cpu = ${local.least_cpu[each.key]} } }, or less memory."
    }
  }

  depends_on = [
    google_bigquery_table.this, # a row with a column that its table lacks is refused
    time_sleep.grants,
  ]
}

# Who the functions run as, and who may call them.

resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = local.cloud_name[each.key]
  display_name = "${var.name}: runs the function ${each.key}"
}

resource "google_service_account" "invoker" {
  for_each = local.functions

  account_id   = "${var.name}-call-${replace(each.key, "_", "-")}"
  display_name = "${var.name}: may call the function ${each.key}, and nothing else"
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = local.functions

  location = var.region
  name     = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.invoker[each.key].member

  # A function that is made anew comes without it, under the same name: only its id tells.
  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.this[each.key].id]
  }
}

# Pub/Sub's service agent signs the token that a push carries.
resource "google_service_account_iam_member" "pubsub_signs" {
  for_each = local.functions

  service_account_id = google_service_account.invoker[each.key].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

# What each function may touch: exactly what pipeline.yaml says under reads, writes, queries, keeps, publishes, secrets.

resource "google_storage_bucket_iam_member" "function" {
  for_each = merge([
    for name, f in local.functions : {
      for bucket in setunion(f.reads, f.writes) : "${name} ${bucket}" => {
        function = name
        bucket   = bucket
        # An object that exists is only replaced by who may delete it: writers need more than `objectCreator`.
        role = contains(f.writes, bucket) ? "roles/storage.objectUser" : "roles/storage.objectViewer"
      }
    }
  ]...)

  bucket = local.bucket_names[each.value.bucket]
  role   = each.value.role
  member = google_service_account.function[each.value.function].member

  depends_on = [google_storage_bucket.this]
}

resource "google_pubsub_topic_iam_member" "function" {
  for_each = merge([
    for name, f in local.functions : { for topic in f.publishes : "${name} ${topic}" => { function = name, topic = topic } }
  ]...)

  topic  = google_pubsub_topic.this[each.value.topic].id
  role   = "roles/pubsub.publisher"
  member = google_service_account.function[each.value.function].member
}

resource "google_bigquery_table_iam_member" "function" {
  for_each = merge([
    for name, f in local.functions : { for table in f.queries : "${name} ${table}" => { function = name, table = table } }
  ]...)

  project    = local.table_ids[each.value.table].project
  dataset_id = local.table_ids[each.value.table].dataset
  table_id   = local.table_ids[each.value.table].table
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.function[each.value.function].member

  depends_on = [
    google_bigquery_table.this, module.views_1, module.views_2, module.views_3, module.views_4, module.views_5,
    module.views_6,
  ]
}

resource "google_bigquery_table_iam_member" "keeper" {
  for_each = merge([
    for name, f in local.functions : { for table in try(f.keeps, []) : "${name} ${table}" => { function = name, table = table } }
  ]...)

  project    = local.table_ids[each.value.table].project
  dataset_id = local.table_ids[each.value.table].dataset
  table_id   = local.table_ids[each.value.table].table
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.function[each.value.function].member

  depends_on = [google_bigquery_table.this]
}

# What has changed since is told by a list of the dataset's partitions: names, sizes and times, and no row.
resource "google_bigquery_dataset_iam_member" "keeper" {
  for_each = toset([for name, f in local.functions : name if length(try(f.keeps, [])) > 0])

  project    = var.project
  dataset_id = local.dataset
  role       = "roles/bigquery.metadataViewer"
  member     = google_service_account.function[each.key].member

  depends_on = [google_bigquery_dataset.this]
}

# Running a query job is a right of the project by its nature: it lets its holder spend, not read.
resource "google_project_iam_member" "query_jobs" {
  for_each = toset([for name, f in local.functions : name if length(f.queries) > 0])

  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.function[each.key].member
}

# So is calling Vertex AI's models; only without an API key.
resource "google_project_iam_member" "model" {
  for_each = local.uses_vertex ? local.model_callers : toset([])

  project = var.project
  role    = "roles/aiplatform.user"
  member  = google_service_account.function[each.key].member
}

resource "google_secret_manager_secret_iam_member" "function" {
  for_each = merge([
    for name, secrets in local.function_secrets : { for secret in secrets : "${name} ${secret}" => { function = name, secret = secret } }
  ]...)

  project   = var.project
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}

# Who builds them: reads the archives and Google's copies of them, writes the images, writes its logs.

resource "google_service_account" "builder" {
  account_id   = "${var.name}-builder"
  display_name = "${var.name}: builds the functions' images"
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "${var.name}-functions"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the functions, made by Cloud Build"
  kms_key_name  = var.kms_key
  labels        = local.labels

  cleanup_policies {
    id     = "keep-the-last-five"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }

  cleanup_policies {
    id     = "delete-after-a-month"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.api, time_sleep.keys]
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.builder.member
}

resource "google_storage_bucket_iam_member" "builder" {
  bucket = google_storage_bucket.archives.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.builder.member
}

# Log entries have no narrower home than the project.
resource "google_project_iam_member" "builder_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.builder.member
}

# Cloud Functions copies every archive into a bucket of its own and has it built from there. That bucket comes with the
# first function, so that nothing can be granted on it: the project's grant is narrowed to it instead
# (hashicorp/terraform-provider-google #20571, terraform-google-modules/terraform-google-cloud-functions #129).
resource "google_project_iam_member" "builder_sources" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.builder.member

  condition {
    title       = "sources of functions"
    description = "Only the bucket that Cloud Functions copies archives to."
    expression  = "resource.name.startsWith(\"projects/_/buckets/${local.sources_bucket}\")"
  }
}

locals {
  sources_bucket = "gcf-v2-sources-${data.google_project.this.number}-${var.region}"
}
