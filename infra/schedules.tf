# The clock: Cloud Scheduler publishes to topics. Its service agent may publish anywhere in the project by itself.

resource "google_cloud_scheduler_job" "this" {
  for_each = local.schedules

  name        = "${var.name}-${each.key}"
  region      = var.region
  description = "Publishes to ${each.value.topic}"
  schedule    = each.value.cron
  time_zone   = "Etc/UTC"
  paused      = var.schedules_paused

  pubsub_target {
    topic_name = google_pubsub_topic.this[each.value.topic].id
    data       = base64encode(each.value.message)
  }

  retry_config {
    retry_count = 3
  }

  depends_on = [google_project_service.api]
}
