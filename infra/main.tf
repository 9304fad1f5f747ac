# The wiring, read once. Every other file makes resources out of these maps, keyed by the names in pipeline.yaml.

locals {
  pipeline = yamldecode(file("${path.module}/pipeline.yaml"))

  buckets       = local.pipeline.buckets
  topics        = local.pipeline.topics
  functions     = local.pipeline.functions
  tables        = local.pipeline.tables
  schedules     = local.pipeline.schedules
  retention     = "${local.pipeline.defaults.message_retention_s}s"
  pushes        = { for name, s in local.pipeline.push_subscriptions : name => merge(local.pipeline.defaults.push, s) }
  bigquery_rows = { for name, s in local.pipeline.bigquery_subscriptions : name => merge(local.pipeline.defaults.bigquery, s) }

  dead_letter_topics = toset([
    for s in concat(values(local.pushes), values(local.bigquery_rows)) : s.dead_letter if s.dead_letter != null
  ])

  labels = merge(var.labels, { app = "creatives", deployment = var.name, managed-by = "terraform" })

  # Names in the cloud may not hold underscores, names in Python may not hold hyphens.
  cloud_name = { for name in keys(local.functions) : name => "${var.name}-${replace(name, "_", "-")}" }

  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

data "google_project" "this" {
  project_id = var.project # no depends_on: its number would be unknown, and grants made anew, at every added API
}

resource "google_project_service" "api" {
  for_each = toset(local.pipeline.apis)

  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false # other things in the project may use it
}

# A grant holds "typically" after two minutes (https://cloud.google.com/iam/docs/access-change-propagation), and what is
# made sooner fails in every third project: so nothing depends on a grant but this wait, and what needs one on the wait
# (hashicorp/terraform-provider-google #19085, #17397, #20571, #12990).
resource "time_sleep" "grants" {
  create_duration = "120s"

  triggers = {
    for what, grants in {
      builds        = [google_artifact_registry_repository_iam_member.builder, google_storage_bucket_iam_member.builder]
      builds_of     = [google_project_iam_member.builder_logs, google_project_iam_member.builder_sources]
      secrets       = values(google_secret_manager_secret_iam_member.function)
      rows          = values(google_bigquery_table_iam_member.writer)
      dead_letters  = values(google_pubsub_topic_iam_member.dead_letters)
      notifications = values(google_pubsub_topic_iam_member.notifier)
      pushes        = values(google_service_account_iam_member.pubsub_signs)
    } : what => sha256(jsonencode([for grant in grants : grant.id]))
  }
}
