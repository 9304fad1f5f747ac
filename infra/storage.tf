# Buckets, what is forgotten in them when, and the notification that starts the chain.

locals {
  bucket_names    = { for name in keys(local.buckets) : name => lookup(var.existing.buckets, name, "${var.project}-${var.name}-${name}") }
  made_buckets    = { for name, bucket in local.buckets : name => bucket if !contains(keys(var.existing.buckets), name) }
  bucket_location = upper(coalesce(var.bucket_location, var.region))

  # By bucket: objects under a prefix that move or go after some days.
  lifecycle_rules = {
    for name, bucket in local.buckets : name => concat(
      [{ action = "AbortIncompleteMultipartUpload", storage_class = null, age = 1, prefixes = [] }],
      try(bucket.delete_after_days, null) == null ? [] : [
        { action = "Delete", storage_class = null, age = bucket.delete_after_days, prefixes = [] }
      ],
      name != "creatives" || var.creatives_delete_after_days == null ? [] : [
        { action = "Delete", storage_class = null, age = var.creatives_delete_after_days, prefixes = [] }
      ],
      name != "results" ? [] : [
        # What became of a URL holds for a day, replies of a call that broke off until it is made again, vectors until
        # their rows are in the table.
        { action = "Delete", storage_class = null, age = 30, prefixes = ["urls/", "unfinished/", "embeddings/"] }
      ],
      name != "results" || var.answers_nearline_after_days == null ? [] : [
        { action = "SetStorageClass", storage_class = "NEARLINE", age = var.answers_nearline_after_days, prefixes = ["answers/"] }
      ],
      name != "results" || var.answers_delete_after_days == null ? [] : [
        { action = "Delete", storage_class = null, age = var.answers_delete_after_days, prefixes = ["answers/", "replies/"] }
      ],
    )
  }
}

resource "google_storage_bucket" "this" {
  for_each = local.made_buckets

  name                        = local.bucket_names[each.key]
  location                    = local.bucket_location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection
  labels                      = local.labels

  dynamic "encryption" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      default_kms_key_name = encryption.value
    }
  }

  # What is temporary by design would only be paid for longer.
  soft_delete_policy {
    retention_duration_seconds = try(each.value.delete_after_days, null) == null ? var.soft_delete_days * 86400 : 0
  }

  dynamic "lifecycle_rule" {
    for_each = local.lifecycle_rules[each.key]
    content {
      action {
        type          = lifecycle_rule.value.action
        storage_class = lifecycle_rule.value.storage_class
      }
      condition {
        age            = lifecycle_rule.value.age
        matches_prefix = lifecycle_rule.value.prefixes
      }
    }
  }

  depends_on = [google_project_service.api, time_sleep.keys]
}

data "google_storage_project_service_account" "this" {
  project = var.project
}

resource "google_pubsub_topic_iam_member" "notifier" {
  for_each = toset([for bucket in values(local.buckets) : bucket.notify if try(bucket.notify, null) != null])

  topic  = google_pubsub_topic.this[each.key].id
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:${data.google_storage_project_service_account.this.email_address}"
}

resource "google_storage_notification" "this" {
  for_each = { for name, bucket in local.buckets : name => bucket.notify if try(bucket.notify, null) != null }

  bucket         = local.bucket_names[each.key]
  topic          = google_pubsub_topic.this[each.value].id
  payload_format = "JSON_API_V1"
  event_types    = ["OBJECT_FINALIZE"] # metadata updates as well would run everything twice

  depends_on = [google_storage_bucket.this, time_sleep.grants]
}

# Where the functions' archives wait to be built: a new one for every content, the old ones for a roll-back.
resource "google_storage_bucket" "archives" {
  name                        = "${var.project}-${var.name}-function-archives"
  location                    = upper(var.region)
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # made again by the next deployment
  labels                      = local.labels

  dynamic "encryption" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      default_kms_key_name = encryption.value
    }
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  depends_on = [google_project_service.api, time_sleep.keys]
}
