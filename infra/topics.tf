# Topics, and what Pub/Sub itself may do so that nothing given up is lost.

resource "google_pubsub_topic" "this" {
  for_each = local.topics

  name                       = "${var.name}-${each.key}"
  kms_key_name               = var.kms_key
  message_retention_duration = local.retention # for replays from a point in time
  labels                     = local.labels

  depends_on = [google_project_service.api, time_sleep.keys]
}

# Dead-lettering is done by Pub/Sub's service agent: it publishes to the dead-letter topic …
resource "google_pubsub_topic_iam_member" "dead_letters" {
  for_each = local.dead_letter_topics

  topic  = google_pubsub_topic.this[each.key].id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

# … and takes the message off the subscription that gave it up. Both, or messages are tried for ever.
resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = merge(
    { for name, s in local.pushes : name => google_pubsub_subscription.push[name].id if s.dead_letter != null },
    { for name, s in local.bigquery_rows : name => google_pubsub_subscription.rows[name].id if s.dead_letter != null },
  )

  subscription = each.value
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}
