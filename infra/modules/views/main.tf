# Views of one level: none of them reads another.

terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
}

variable "dataset" {
  description = "The dataset they are made in."
  type        = string
}

variable "queries" {
  description = "GoogleSQL of each view, by its name."
  type        = map(string)
}

variable "labels" {
  description = "Labels of each view."
  type        = map(string)
}

resource "google_bigquery_table" "this" {
  #checkov:skip=CKV_GCP_121:a view holds no data that could be lost
  for_each = var.queries

  dataset_id          = var.dataset
  table_id            = each.key
  description         = trimspace(trimprefix(split("\n", each.value)[0], "--"))
  deletion_protection = false # a view holds no data
  labels              = var.labels

  view {
    query          = each.value
    use_legacy_sql = false
  }
}

output "names" {
  description = "The views that were made."
  value       = sort(keys(google_bigquery_table.this))
}

output "queries" {
  description = "The query of each view, as it was made."
  value       = { for name, view in google_bigquery_table.this : name => view.view[0].query }
}
