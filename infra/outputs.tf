# What somebody needs next: where to put creatives, where to look.

locals {
  creatives_url = "gs://${local.bucket_names["creatives"]}"
}

output "creatives_bucket" {
  description = "Upload creatives here; each object is an ad."
  value       = local.creatives_url
}

output "upload_command" {
  description = "Uploads a folder of creatives."
  value       = "gcloud storage cp --recursive FOLDER ${local.creatives_url}/"
}

output "publish_command" {
  description = "Sends a list of URLs (CSV with a header, NDJSON, or one a line)."
  value       = "creatives publish FILE --project ${var.project} --name ${var.name}"
}

output "topics" {
  description = "Full names of the topics, by name."
  value       = { for name, topic in google_pubsub_topic.this : name => topic.id }
}

output "dataset" {
  description = "The dataset with the tables and views; start with ads_enriched."
  value       = "${var.project}.${local.dataset}"
}

output "query_command" {
  description = "Shows what became of every ad."
  value       = "bq query --project_id=${var.project} --use_legacy_sql=false 'SELECT * FROM `${var.project}.${local.dataset}.pipeline_status`'"
}

output "raw_ads_table" {
  description = "The table that import_ads reads."
  value       = local.raw_ads.full_name
}

output "functions" {
  description = "Of each function: its URL, account and invoker."
  value = {
    for name, function in google_cloudfunctions2_function.this : name => {
      url     = function.service_config[0].uri
      account = google_service_account.function[name].email
      invoker = google_service_account.invoker[name].email
    }
  }
}

output "dashboard" {
  description = "Link to the dashboard; null where there is none."
  value       = one([for d in google_monitoring_dashboard.this : "https://console.cloud.google.com/monitoring/dashboards/builder/${basename(d.id)}?project=${var.project}"])
}

output "doctor_command" {
  description = "Checks the deployment from outside."
  value       = "creatives doctor --project ${var.project} --region ${var.region} --name ${var.name} --canary"
}

# What a later deployment is compared with: elsewhere would be another one.
output "deployment" {
  description = "What is deployed, and where: its name, region, dataset and their locations."
  value = {
    project           = var.project
    name              = var.name
    region            = var.region
    dataset           = local.dataset
    bigquery_location = coalesce(var.bigquery_location, var.region)
    bucket_location   = local.bucket_location
  }
}
