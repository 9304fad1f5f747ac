# What somebody needs next: where to put creatives, where to look.

locals {
  creatives_url = "gs://${local.bucket_names["creatives"]}"

  looker_sources = merge(
    { what_works = { type = "TABLE", datasetId = local.dataset, tableId = "current_lifts" } },
    { for name in ["ads", "results"] : name => {
      type = "CUSTOM_QUERY"
      sql  = templatefile("${path.module}/looker/${name}.sql", { project = var.project, dataset = local.dataset })
    } },
  )
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

# A report with what infra/looker asks as its sources, by Looker Studio's Linking API:
# https://developers.google.com/looker-studio/integrate/linking-api
output "looker_studio" {
  description = "Opens a new report in Looker Studio on results by creative, ads and what works."
  value = join("&", concat(
    ["https://lookerstudio.google.com/reporting/create?r.reportName=Creatives"],
    flatten([for alias, source in local.looker_sources : [
      for name, value in merge(source, { connector = "bigQuery", projectId = var.project, billingProjectId = var.project, datasourceName = alias }) :
      "ds.${alias}.${name}=${replace(urlencode(value), "+", "%20")}"
    ]]),
  ))
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
