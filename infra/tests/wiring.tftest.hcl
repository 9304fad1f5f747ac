# Whatever pipeline.yaml names is made, once, and joined as it says. Run with `terraform -chdir=infra test`: no
# account and no network are needed, the providers are mocked.

mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project = "test-project"
  region  = "europe-west1"
}

run "the_cloud_is_wired_as_the_pipeline_says" {
  # Every name of the pipeline is made.
  assert {
    condition     = toset(keys(google_pubsub_topic.this)) == toset(keys(yamldecode(file("pipeline.yaml")).topics))
    error_message = "The topics made are not those of pipeline.yaml."
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
    condition     = alltrue([for name, f in local.functions : !contains(f.queries, "raw_ads") || try(local.function_env[name].RAW_ADS_URL_COLUMNS, null) == "url,video_url"])
    error_message = "import_ads does not read both columns of the table raw_ads."
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
}

