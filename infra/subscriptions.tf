# Who gets a topic's messages: functions by push, tables by BigQuery subscriptions.

resource "google_pubsub_subscription" "push" {
  for_each = local.pushes

  name                       = "${var.name}-${each.key}"
  topic                      = google_pubsub_topic.this[each.value.topic].id
  filter                     = try(each.value.filter, null)
  ack_deadline_seconds       = each.value.ack_deadline_s
  message_retention_duration = local.retention
  labels                     = local.labels

  push_config {
    push_endpoint = google_cloudfunctions2_function.this[each.value.function].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.invoker[each.value.function].email
      audience              = google_cloudfunctions2_function.this[each.value.function].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "${each.value.min_backoff_s}s"
    maximum_backoff = "${each.value.max_backoff_s}s"
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.dead_letter == null ? [] : [each.value.dead_letter]
    content {
      dead_letter_topic     = google_pubsub_topic.this[dead_letter_policy.value].id
      max_delivery_attempts = each.value.max_attempts
    }
  }

  expiration_policy {
    ttl = "" # never: a quiet month is no reason to lose the subscription
  }

  lifecycle {
    precondition {
      condition     = each.value.ack_deadline_s >= local.functions[each.value.function].timeout_s && each.value.ack_deadline_s <= 600
      error_message = "${each.key}: the ack deadline (${each.value.ack_deadline_s} s) must cover the timeout of ${each.value.function} (${local.functions[each.value.function].timeout_s} s) and be at most 600 s, or messages are delivered again while they are worked on."
    }
  }

  # Pushes that come before their invoker may call are refused, and repeated within seconds.
  depends_on = [time_sleep.grants]
}

resource "google_pubsub_subscription" "rows" {
  for_each = local.bigquery_rows

  name                       = "${var.name}-${each.key}"
  topic                      = google_pubsub_topic.this[each.value.topic].id
  message_retention_duration = local.retention
  labels                     = local.labels

  # `raw` keeps the message as it is, with its metadata: for what fits no table of its own.
  bigquery_config {
    table            = "${var.project}.${local.dataset}.${google_bigquery_table.this[each.value.table].table_id}"
    use_table_schema = !try(each.value.raw, false)
    write_metadata   = try(each.value.raw, false)
  }

  retry_policy {
    minimum_backoff = "${each.value.min_backoff_s}s"
    maximum_backoff = "${each.value.max_backoff_s}s"
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.dead_letter == null ? [] : [each.value.dead_letter]
    content {
      dead_letter_topic     = google_pubsub_topic.this[dead_letter_policy.value].id
      max_delivery_attempts = each.value.max_attempts
    }
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [time_sleep.grants]
}

# Pub/Sub writes the rows itself: it needs the table's schema and the right to append.
resource "google_bigquery_table_iam_member" "writer" {
  for_each = merge([
    for table in distinct([for s in values(local.bigquery_rows) : s.table]) : {
      for role in ["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"] : "${table} ${role}" => { table = table, role = role }
    }
  ]...)

  dataset_id = google_bigquery_table.this[each.value.table].dataset_id
  table_id   = google_bigquery_table.this[each.value.table].table_id
  role       = each.value.role
  member     = local.pubsub_agent
}
