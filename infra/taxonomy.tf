# What is asked of creatives, where a taxonomy says it: a file of data in this folder, which the functions read from the
# bucket. Another content is an object of another name, so that instances change with their settings, not under way.

locals {
  taxonomies = try(endswith(var.features, ".yaml") || endswith(var.features, ".yml"), false) ? { (var.features) = file("${path.module}/${var.features}") } : {}

  # What it asks by names of its own, as far as Terraform can tell: that the file is in order is checked before a
  # deployment (creatives/deploy), and by `creatives taxonomy check`.
  asked_names = {
    for file, text in local.taxonomies : file => concat(
      try(values(yamldecode(text).rename), []),
      try([for field in yamldecode(text).fields : field.name], []),
      flatten([
        for pack in flatten([try(yamldecode(text).packs, [])]) :
        try([for field in yamldecode(file("${path.module}/../shared/taxonomy/packs/${pack}.yaml")).fields : field.name], [])
      ]),
    )
  }
  feature_columns = flatten([
    for column in jsondecode(file("${path.module}/schemas/features.json")) : column.fields[*].name if column.name == "features"
  ])
}

resource "google_storage_bucket_object" "taxonomy" {
  for_each = local.taxonomies

  bucket  = local.bucket_names["results"]
  name    = "taxonomies/${sha256(each.value)}.yaml"
  content = each.value

  # Instances of before read theirs until those of now have taken over.
  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = can([for field in try(yamldecode(each.value).fields, []) : [field.name, field.type, field.description]]) && can(yamldecode(each.value))
      error_message = "${each.key} is no taxonomy: `creatives taxonomy check infra/${each.key}` says what is wrong, and in which line."
    }

    precondition {
      condition     = length(setsubtract(local.asked_names[each.key], local.feature_columns)) == 0
      error_message = "${each.key} asks ${join(", ", setsubtract(local.asked_names[each.key], local.feature_columns))}, for which the table of features has no column: run `FEATURES=infra/${each.key} make schemas` and deploy again."
    }
  }

  depends_on = [google_storage_bucket.this]
}
