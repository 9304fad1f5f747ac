# One archive per function: the repository's layout with that function's folder alone, and shared/.
# Its name holds its content's hash: a change in a function redeploys that one, a change in shared/ all, and
# a run without changes nothing.

locals {
  root         = "${path.module}/.."
  shipped      = "{py,sql,yaml,json,md}"
  wiring       = ["shared/wiring.py"] # reads this folder's pipeline.yaml, which no function has
  shared_files = setsubtract(setunion(fileset(local.root, "shared/**/*.${local.shipped}"), ["functions/__init__.py"]), local.wiring)

  archive_files = {
    for name, function in local.functions : name => merge(
      { for path in local.shared_files : path => file("${local.root}/${path}") },
      { for path in fileset(local.root, "functions/${name}/**/*.${local.shipped}") : path => file("${local.root}/${path}") },
      {
        "requirements.txt" = file("${local.root}/functions/${name}/requirements.txt")
        "main.py"          = <<-PYTHON
          """What the runtime starts; written by infra/archives.tf."""

          from functions.${name}.main import ${function.entry_point} as ${function.entry_point}
        PYTHON
      },
    )
  }
}

data "archive_file" "this" {
  for_each = local.archive_files

  type        = "zip"
  output_path = "${path.module}/.build/${each.key}.zip"

  dynamic "source" {
    for_each = each.value
    content {
      filename = source.key
      content  = source.value
    }
  }
}

resource "google_storage_bucket_object" "archive" {
  for_each = local.functions

  bucket = google_storage_bucket.archives.name
  name   = "${each.key}-${data.archive_file.this[each.key].output_md5}.zip"
  source = data.archive_file.this[each.key].output_path
}
