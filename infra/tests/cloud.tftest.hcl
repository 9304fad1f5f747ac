# The cloud as it is made without any choice: wired as pipeline.yaml says, guarded, and its data kept. One run for all,
# since each takes Terraform as long as a real plan. `terraform -chdir=infra test` needs no account and no network: the
# providers are mocked.

mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project = "test-project"
  region  = "europe-west1"
}

run "the_cloud_is_wired_guarded_and_kept_as_the_pipeline_says" {
  # Whatever pipeline.yaml names is made, once, and joined as it says.

  # Every name of the pipeline is made.
  assert {
    condition     = toset(keys(google_pubsub_topic.this)) == toset(keys(yamldecode(file("pipeline.yaml")).topics))
    error_message = "The topics made are not those of pipeline.yaml."
  }

  assert {
    condition     = alltrue([for part in ["https://lookerstudio.google.com/reporting/create?", "ds.ads.type=CUSTOM_QUERY", "ds.results.sql=--%20For%20Looker", "test-project.creatives.current_shown_results", "ds.what_works.tableId=current_lifts"] : strcontains(output.looker_studio, part)])
    error_message = "The link to Looker Studio does not have its sources."
  }

  assert {
    condition     = toset(keys(google_pubsub_subscription.push)) == toset(keys(yamldecode(file("pipeline.yaml")).push_subscriptions))
    error_message = "The push subscriptions made are not those of pipeline.yaml."
  }

  assert {
    condition     = toset(keys(google_pubsub_subscription.rows)) == toset(keys(yamldecode(file("pipeline.yaml")).bigquery_subscriptions))
    error_message = "The BigQuery subscriptions made are not those of pipeline.yaml."
  }

  assert {
    condition     = toset(keys(google_cloudfunctions2_function.this)) == toset(keys(yamldecode(file("pipeline.yaml")).functions))
    error_message = "The functions made are not those of pipeline.yaml."
  }

  assert {
    condition     = toset(keys(google_bigquery_table.this)) == toset(keys(yamldecode(file("pipeline.yaml")).tables))
    error_message = "The tables made are not those of pipeline.yaml."
  }

  assert {
    condition     = toset(keys(google_storage_bucket.this)) == toset(keys(yamldecode(file("pipeline.yaml")).buckets))
    error_message = "The buckets made are not those of pipeline.yaml."
  }

  assert {
    condition     = toset(keys(google_cloud_scheduler_job.this)) == toset(keys(yamldecode(file("pipeline.yaml")).schedules))
    error_message = "The schedules made are not those of pipeline.yaml."
  }

  assert {
    condition     = alltrue([for name, topic in google_pubsub_topic.this : topic.name == "${var.name}-${name}"])
    error_message = "The functions publish to topics by the names in pipeline.yaml, after the one of their deployment."
  }

  # The raw ads of the dataset's own table are read from both of its columns with addresses.
  assert {
    condition     = alltrue([for name, f in local.functions : !anytrue([for topic in ["url-batches", "settled"] : contains(f.publishes, topic)]) || try(local.function_env[name].RAW_ADS_URL_COLUMNS, null) == "url,video_url"])
    error_message = "import_ads or settle does not read both columns of the table raw_ads."
  }

  # Every topic has a subscription.
  assert {
    condition = alltrue([
      for name, topic in google_pubsub_topic.this : contains(
        [for s in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.rows)) : s.topic], topic.id
      )
    ])
    error_message = "A topic without a subscription loses every message: ${join(", ", [
      for name, topic in google_pubsub_topic.this : name if !contains(
        [for s in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.rows)) : s.topic], topic.id
      )
    ])}."
  }

  assert {
    condition = alltrue([
      for name, topic in google_pubsub_topic.this :
      try(yamldecode(file("pipeline.yaml")).topics[name].event, null) == null || contains([for s in google_pubsub_subscription.rows : s.topic], topic.id)
    ])
    error_message = "Every event is a row: a topic of events has no BigQuery subscription."
  }

  # Every subscription retries and gives up into a dead letter.
  assert {
    condition = alltrue([
      for s in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.rows)) :
      length(s.retry_policy) == 1 && try(s.retry_policy[0].minimum_backoff, null) != null && try(s.retry_policy[0].maximum_backoff, null) != null
    ])
    error_message = "A subscription has no retry policy: it would be retried at once and for ever."
  }

  assert {
    condition = alltrue([
      for s in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.rows)) :
      length(s.dead_letter_policy) == 1 || contains([for name in local.dead_letter_topics : google_pubsub_topic.this[name].id], s.topic)
    ])
    error_message = "A subscription has no dead letter, and is not the dead letters' own."
  }

  assert {
    condition = alltrue(flatten([
      for s in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.rows)) : [
        for policy in s.dead_letter_policy :
        policy.dead_letter_topic != s.topic && policy.max_delivery_attempts >= 5 && policy.max_delivery_attempts <= 100
      ]
    ]))
    error_message = "A subscription gives up into its own topic, or after a number of attempts that Pub/Sub does not take (5 to 100)."
  }

  assert {
    condition = alltrue([
      for name in local.dead_letter_topics :
      contains([for s in google_pubsub_subscription.rows : s.topic], google_pubsub_topic.this[name].id)
    ])
    error_message = "A dead-letter topic does not land in BigQuery."
  }

  assert {
    condition     = alltrue([for s in google_pubsub_subscription.push : s.ack_deadline_seconds <= 600])
    error_message = "Pub/Sub waits for 600 s at most."
  }

  assert {
    condition = alltrue([
      for s in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.rows)) :
      s.expiration_policy[0].ttl == "" && s.message_retention_duration == "604800s"
    ])
    error_message = "A subscription expires when it is quiet, or keeps its messages for less than 7 days."
  }

  assert {
    condition     = alltrue([for topic in google_pubsub_topic.this : topic.message_retention_duration == "604800s"])
    error_message = "A topic keeps its messages for less than 7 days: they cannot be replayed."
  }

  # Pubsub may dead letter.
  assert {
    condition = (
      toset([for topic, grant in google_pubsub_topic_iam_member.dead_letters : topic if grant.role == "roles/pubsub.publisher"])
      == toset(local.dead_letter_topics)
    )
    error_message = "Pub/Sub's service agent may not publish to every dead-letter topic."
  }

  assert {
    condition = alltrue([
      for s in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.rows)) :
      length(s.dead_letter_policy) == 0 || contains([
        for grant in google_pubsub_subscription_iam_member.dead_letters : grant.subscription if grant.role == "roles/pubsub.subscriber"
      ], s.id)
    ])
    error_message = "Pub/Sub's service agent may not take given-up messages off every subscription: they would be tried for ever."
  }

  assert {
    condition = alltrue([
      for grant in concat(values(google_pubsub_topic_iam_member.dead_letters), values(google_pubsub_subscription_iam_member.dead_letters)) :
      endswith(grant.member, "@gcp-sa-pubsub.iam.gserviceaccount.com")
    ])
    error_message = "Dead-lettering is done by Pub/Sub's service agent, and nobody else."
  }

  # Rows are written with the tables own schema.
  assert {
    condition     = alltrue([for name, s in google_pubsub_subscription.rows : s.bigquery_config[0].use_table_schema != s.bigquery_config[0].write_metadata])
    error_message = "A BigQuery subscription writes columns or, for a raw one, metadata: never both, never neither."
  }

  assert {
    condition = alltrue([
      for name, s in local.bigquery_rows : length([
        for grant in google_bigquery_table_iam_member.writer : grant
        if grant.table_id == s.table && contains(["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"], grant.role)
      ]) == 2
    ])
    error_message = "Pub/Sub's service agent may not write to the table of a BigQuery subscription."
  }

  assert {
    condition = alltrue([
      for name, schedule in local.schedules :
      google_cloud_scheduler_job.this[name].pubsub_target[0].topic_name == google_pubsub_topic.this[schedule.topic].id
    ])
    error_message = "A schedule publishes to another topic than pipeline.yaml says."
  }

  # An upload starts the chain.
  assert {
    condition     = alltrue([for n in google_storage_notification.this : toset(n.event_types) == toset(["OBJECT_FINALIZE"]) && n.payload_format == "JSON_API_V1"])
    error_message = "A bucket notifies of more than finished objects, or in another form than intake reads."
  }

  assert {
    condition     = alltrue([for name, b in local.buckets : try(b.notify, null) == null || try(google_storage_notification.this[name].topic == google_pubsub_topic.this[b.notify].id, false)])
    error_message = "A bucket does not notify the topic that pipeline.yaml says."
  }

  assert {
    condition     = alltrue([for n in google_storage_notification.this : contains([for grant in google_pubsub_topic_iam_member.notifier : grant.topic if grant.role == "roles/pubsub.publisher"], n.topic)])
    error_message = "Cloud Storage's service agent may not publish its notifications."
  }

  # Who may do what: each function as itself, nobody as everybody.

  # Every function has an account of its own.
  assert {
    condition = length(distinct([
      for f in google_cloudfunctions2_function.this : f.service_config[0].service_account_email
    ])) == length(google_cloudfunctions2_function.this)
    error_message = "Two functions run as the same account."
  }

  assert {
    condition     = alltrue([for name, f in google_cloudfunctions2_function.this : f.service_config[0].service_account_email == google_service_account.function[name].email])
    error_message = "A function runs as another one's account, or as the project's default account, which may edit everything."
  }

  assert {
    condition     = alltrue([for f in google_cloudfunctions2_function.this : f.build_config[0].service_account == google_service_account.builder.id])
    error_message = "A function is built by the project's default account."
  }

  assert {
    condition     = alltrue([for account in concat(values(google_service_account.function), values(google_service_account.invoker)) : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", account.account_id))])
    error_message = "An account's id is not 6 to 30 characters long."
  }

  # Functions are called by their invokers alone.
  assert {
    condition     = alltrue([for f in google_cloudfunctions2_function.this : f.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"])
    error_message = "A function can be reached from the internet."
  }

  assert {
    condition = alltrue([
      for name, grant in google_cloud_run_v2_service_iam_member.invoker : grant.member == google_service_account.invoker[name].member && grant.role == "roles/run.invoker"
    ])
    error_message = "A function can be called by another account than its invoker."
  }

  assert {
    condition = alltrue([
      for name, s in google_pubsub_subscription.push :
      s.push_config[0].oidc_token[0].service_account_email == google_service_account.invoker[local.pushes[name].function].email &&
      s.push_config[0].oidc_token[0].audience == s.push_config[0].push_endpoint &&
      s.push_config[0].push_endpoint == google_cloudfunctions2_function.this[local.pushes[name].function].service_config[0].uri
    ])
    error_message = "A push subscription calls its function without its invoker's token, or for another audience."
  }

  assert {
    condition     = toset(keys(google_service_account_iam_member.pubsub_signs)) == toset(keys(google_service_account.invoker))
    error_message = "Pub/Sub's service agent may not sign as every invoker."
  }

  # Nobody is everybody.
  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("\"(allUsers|allAuthenticatedUsers)\"", file("${local.root}/${path}"))])) == 0
    error_message = "Something is granted to everybody (allUsers or allAuthenticatedUsers)."
  }

  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("roles/(owner|editor|viewer)\"", file("${local.root}/${path}"))])) == 0
    error_message = "A primitive role (owner, editor, viewer) is granted: name the narrow one."
  }

  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("resource \"google_[a-z0-9_]*_iam_(binding|policy)\"", file("${local.root}/${path}"))])) == 0
    error_message = "iam_binding and iam_policy take away what others were granted: use iam_member."
  }

  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("roles/[a-zA-Z.]*[.](admin|dataOwner)\"", file("${local.root}/${path}"))])) == 0
    error_message = "An admin's or a data owner's role is granted."
  }

  # Only rights that have no narrower home are the projects.
  assert {
    condition     = toset([for grant in google_project_iam_member.query_jobs : grant.role]) == toset(["roles/bigquery.jobUser"])
    error_message = "Of the project, who queries gets the right to run jobs and nothing else."
  }

  assert {
    condition     = toset(keys(google_project_iam_member.query_jobs)) == toset([for name, f in local.functions : name if length(f.queries) > 0])
    error_message = "A function that queries nothing may run query jobs, or one that queries may not."
  }

  assert {
    condition     = toset(keys(google_project_iam_member.model)) == local.model_callers
    error_message = "A function that calls no model may call Vertex AI, or the one that does may not."
  }

  # Each function gets what the pipeline says and nothing else.
  assert {
    condition = toset([for grant in google_storage_bucket_iam_member.function : "${grant.member} ${grant.bucket} ${grant.role}"]) == toset(flatten([
      for name, f in yamldecode(file("pipeline.yaml")).functions : [
        for bucket in setunion(f.reads, f.writes) : join(" ", [
          google_service_account.function[name].member, google_storage_bucket.this[bucket].name,
          contains(f.writes, bucket) ? "roles/storage.objectUser" : "roles/storage.objectViewer",
        ])
      ]
    ]))
    error_message = "The rights on buckets are not those that pipeline.yaml says."
  }

  assert {
    condition = toset([for grant in google_pubsub_topic_iam_member.function : "${grant.member} ${grant.topic} ${grant.role}"]) == toset(flatten([
      for name, f in yamldecode(file("pipeline.yaml")).functions : [
        for topic in f.publishes : "${google_service_account.function[name].member} ${google_pubsub_topic.this[topic].id} roles/pubsub.publisher"
      ]
    ]))
    error_message = "The rights on topics are not those that pipeline.yaml says."
  }

  assert {
    condition = toset([for grant in google_bigquery_table_iam_member.function : "${grant.member} ${grant.table_id} ${grant.role}"]) == toset(flatten([
      for name, f in yamldecode(file("pipeline.yaml")).functions : [
        for table in f.queries : "${google_service_account.function[name].member} ${table} roles/bigquery.dataViewer"
      ]
    ]))
    error_message = "The rights on tables are not those that pipeline.yaml says."
  }

  # Without a key the model is called as the function.
  assert {
    condition     = length(local.model_callers) > 0 && alltrue([for name in local.model_callers : local.function_env[name].GOOGLE_GENAI_USE_VERTEXAI == "true"])
    error_message = "Without a key extract is not told to use Vertex AI."
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.function) == 0
    error_message = "A secret that is not there is mounted: the function would not start."
  }

  # What is kept: tables with schemas, buckets that are nobody else's, everything labelled.

  # Every table has a schema.
  assert {
    condition     = alltrue([for name, table in google_bigquery_table.this : length(jsondecode(coalesce(table.schema, "[]"))) > 0])
    error_message = "A table has no columns: run `make schemas`."
  }

  assert {
    condition = alltrue([
      for name, table in google_bigquery_table.this : alltrue([
        for column in concat([for p in table.time_partitioning : p.field], coalesce(table.clustering, [])) :
        contains([for field in jsondecode(table.schema) : field.name], column)
      ])
    ])
    error_message = "A table is partitioned or clustered by a column that it does not have."
  }

  assert {
    condition = alltrue([
      for name, table in local.tables :
      (try(table.partition, null) != null) == (length(google_bigquery_table.this[name].time_partitioning) == 1) &&
      join(",", coalesce(google_bigquery_table.this[name].clustering, [])) == join(",", try(table.clustering, []))
    ])
    error_message = "A table is not partitioned and clustered as pipeline.yaml says."
  }

  assert {
    condition = alltrue([
      for name, table in local.tables :
      try(coalesce(google_bigquery_table.this[name].time_partitioning[0].expiration_ms, 0), 0) ==
      try(table.keep_days * 86400000, 0)
    ])
    error_message = "A table loses rows that are needed, or keeps what may go."
  }

  assert {
    condition     = alltrue([for table in google_bigquery_table.this : table.deletion_protection])
    error_message = "A table may be deleted with a mistaken apply."
  }

  # Views are made after what they read.
  assert {
    condition = toset(concat(
      module.views_1.names, module.views_2.names, module.views_3.names, module.views_4.names, module.views_5.names, module.views_6.names,
    )) == toset(yamldecode(file("pipeline.yaml")).views)
    error_message = "The views made are not those of pipeline.yaml."
  }

  assert {
    condition     = alltrue([for view, reads in local.view_reads : alltrue([for other in reads : local.view_level[other] < local.view_level[view]])])
    error_message = "A view is made before one that it reads: views are nested deeper than six levels, or in a circle."
  }

  assert {
    condition     = alltrue([for query in values(local.view_queries) : !strcontains(query, "$${")])
    error_message = "A view has a placeholder that is not filled in."
  }

  # Every bucket is private.
  assert {
    condition = alltrue([
      for bucket in concat(values(google_storage_bucket.this), [google_storage_bucket.archives]) :
      bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access
    ])
    error_message = "A bucket could be made public."
  }

  assert {
    condition = alltrue([
      for bucket in concat(values(google_storage_bucket.this), [google_storage_bucket.archives]) :
      contains(flatten([for rule in bucket.lifecycle_rule : [for action in rule.action : action.type]]), "AbortIncompleteMultipartUpload")
    ])
    error_message = "A bucket keeps, and is paid for, uploads that were broken off."
  }

  assert {
    condition = alltrue([
      for name, bucket in google_storage_bucket.this :
      toset([
        for rule in bucket.lifecycle_rule : one(rule.condition).age
        if one(rule.action).type == "Delete" && try(length(one(rule.condition).matches_prefix), 0) == 0
      ]) == toset([for days in [try(yamldecode(file("pipeline.yaml")).buckets[name].delete_after_days, null)] : days if days != null])
    ])
    error_message = "A bucket keeps what is temporary, or deletes what is not."
  }

  assert {
    condition     = alltrue([for bucket in google_storage_bucket.this : !bucket.force_destroy])
    error_message = "A bucket with creatives in it may be deleted with a mistaken apply."
  }

  # The dashboard is JSON; alerts are for somebody.
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this["creatives"].dashboard_json).mosaicLayout.tiles) > 5
    error_message = "The dashboard is not valid JSON, or empty."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.metric) == 0 && length(google_monitoring_alert_policy.log) == 0
    error_message = "An alert is made though there is nobody to tell."
  }
}
