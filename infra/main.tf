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

  labels = merge({ app = "creatives", managed-by = "terraform" }, var.labels)

  # Names in the cloud may not hold underscores, names in Python may not hold hyphens.
  cloud_name = { for name in keys(local.functions) : name => replace(name, "_", "-") }

  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

data "google_project" "this" {
  project_id = var.project # no depends_on: its number would be unknown, and grants made anew, at every added API
}

resource "google_project_service" "api" {
  for_each = toset(concat([
    "artifactregistry.googleapis.com",
    "bigquery.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudscheduler.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
  ], local.uses_vertex ? ["aiplatform.googleapis.com"] : []))

  service            = each.key
  disable_on_destroy = false # other things in the project may use it
}
