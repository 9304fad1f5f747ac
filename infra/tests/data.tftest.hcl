# What is kept: tables with schemas, buckets that are nobody else's, everything labelled.

mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project = "test-project"
  region  = "europe-west1"
}

run "what_is_kept_is_kept_well" {
  command = plan

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
    condition     = alltrue([for bucket in google_storage_bucket.this : !bucket.force_destroy])
    error_message = "A bucket with creatives in it may be deleted with a mistaken apply."
  }

  # The dashboard is JSON; alerts are for somebody.
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this["creatives"].dashboard_json).mosaicLayout.tiles) > 5
    error_message = "The dashboard is not valid JSON, or empty."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.metric) == 0 && length(google_monitoring_alert_policy.budget) == 0
    error_message = "An alert is made though there is nobody to tell."
  }
}
