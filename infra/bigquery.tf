# The dataset, its tables from the generated schemas, its views in the order of their dependencies.

locals {
  dataset       = coalesce(var.existing.dataset, var.dataset, replace(var.name, "-", "_"))
  raw_ads_parts = var.raw_ads.table == null ? [var.project, local.dataset, "raw_ads"] : split(".", var.raw_ads.table)
  raw_ads = {
    project   = local.raw_ads_parts[0]
    dataset   = local.raw_ads_parts[1]
    table     = local.raw_ads_parts[2]
    full_name = join(".", local.raw_ads_parts)
  }

  # How long rows are kept, by table; null: for ever.
  keep_days = {
    for name, table in local.tables : name =>
    contains(keys(var.keep_days), name) ? var.keep_days[name] : try(table.keep_days, null)
  }

  # Our own table has two columns of addresses (schemas/raw_ads.json).
  raw_ads_url_columns = coalesce(var.raw_ads.url_columns, var.raw_ads.table == null ? ["url", "video_url"] : ["url"])

  table_ids = merge(
    { for name in local.pipeline.views : name => { project = var.project, dataset = local.dataset, table = name } },
    { for name in keys(local.tables) : name => { project = var.project, dataset = local.dataset, table = name } },
    { raw_ads = local.raw_ads },
  )
}

resource "google_bigquery_dataset" "this" {
  for_each = var.existing.dataset == null ? toset([local.dataset]) : toset([])

  dataset_id                 = each.key
  description                = "Advertising creatives: what they show, which are duplicates, what analysing them cost."
  location                   = coalesce(var.bigquery_location, var.region)
  delete_contents_on_destroy = !var.deletion_protection
  labels                     = local.labels

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }

  depends_on = [google_project_service.api, time_sleep.keys]
}

resource "google_bigquery_table" "this" {
  for_each = local.tables

  dataset_id          = local.dataset
  table_id            = each.key
  schema              = file("${path.module}/schemas/${each.value.schema}")
  clustering          = try(each.value.clustering, null)
  deletion_protection = var.deletion_protection
  labels              = local.labels

  dynamic "time_partitioning" {
    for_each = try(each.value.partition, null) == null ? [] : [each.value.partition]
    content {
      type          = "DAY"
      field         = time_partitioning.value
      expiration_ms = local.keep_days[each.key] == null ? null : local.keep_days[each.key] * 86400000
    }
  }

  dynamic "encryption_configuration" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      kms_key_name = encryption_configuration.value
    }
  }

  depends_on = [google_bigquery_dataset.this]
}

# A view can only be made after those it reads, and the resources of one `for_each` are made side by side: so views
# are made level by level. `within_n` are those that levels 1 to n can hold.
locals {
  view_reads = {
    for view, sql in local.view_queries : view => [
      for other in local.pipeline.views : other if other != view && can(regex("\\b${local.dataset}`?\\.`?${other}\\b", sql))
    ]
  }
  view_queries = {
    for view in local.pipeline.views : view => templatefile("${path.module}/views/${view}.sql", {
      project     = var.project
      dataset     = local.dataset
      deployment  = var.name
      raw_ads     = local.raw_ads.full_name
      raw_ad_id   = var.raw_ads.id_column
      raw_ad_urls = join(", ", [for column in local.raw_ads_url_columns : "TO_JSON(raw.`${column}`)"])

      raw_ads_filter = var.raw_ads.filter

      pipeline_status = "pipeline_status_kept"
      saved           = "kept_saved"
    })
  }

  within_1 = [for view, reads in local.view_reads : view if length(reads) == 0]
  within_2 = [for view, reads in local.view_reads : view if length(setsubtract(reads, local.within_1)) == 0]
  within_3 = [for view, reads in local.view_reads : view if length(setsubtract(reads, local.within_2)) == 0]
  within_4 = [for view, reads in local.view_reads : view if length(setsubtract(reads, local.within_3)) == 0]
  within_5 = [for view, reads in local.view_reads : view if length(setsubtract(reads, local.within_4)) == 0]

  view_level = {
    for view in local.pipeline.views : view => (
      contains(local.within_1, view) ? 1 : contains(local.within_2, view) ? 2 : contains(local.within_3, view) ? 3 :
      contains(local.within_4, view) ? 4 : contains(local.within_5, view) ? 5 : 6
    )
  }
  views_by_level = {
    for level in [1, 2, 3, 4, 5, 6] : level => { for view, sql in local.view_queries : view => sql if local.view_level[view] == level }
  }
}

module "views_1" {
  source     = "./modules/views"
  dataset    = local.dataset
  queries    = local.views_by_level[1]
  labels     = local.labels
  depends_on = [google_bigquery_table.this]
}

module "views_2" {
  source     = "./modules/views"
  dataset    = local.dataset
  queries    = local.views_by_level[2]
  labels     = local.labels
  depends_on = [module.views_1]
}

module "views_3" {
  source     = "./modules/views"
  dataset    = local.dataset
  queries    = local.views_by_level[3]
  labels     = local.labels
  depends_on = [module.views_2]
}

module "views_4" {
  source     = "./modules/views"
  dataset    = local.dataset
  queries    = local.views_by_level[4]
  labels     = local.labels
  depends_on = [module.views_3]
}

module "views_5" {
  source     = "./modules/views"
  dataset    = local.dataset
  queries    = local.views_by_level[5]
  labels     = local.labels
  depends_on = [module.views_4]
}

module "views_6" {
  source     = "./modules/views"
  dataset    = local.dataset
  queries    = local.views_by_level[6]
  labels     = local.labels
  depends_on = [module.views_5]
}
