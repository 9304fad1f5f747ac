# The archives are really written (to .build), so that they can be unpacked and started: see tests/infra.

mock_provider "google" {}
mock_provider "time" {}

variables {
  project = "test-project"
  region  = "europe-west1"
}

run "every_function_has_an_archive_named_by_its_content" {
  command = plan

  assert {
    condition     = toset(keys(data.archive_file.this)) == toset(keys(yamldecode(file("pipeline.yaml")).functions))
    error_message = "A function has no archive."
  }

  assert {
    condition = alltrue([
      for name, object in google_storage_bucket_object.archive : object.name == "${name}-${data.archive_file.this[name].output_md5}.zip"
    ])
    error_message = "An archive's name does not change with its content: a function would not be deployed anew."
  }

  assert {
    condition = alltrue([
      for name, files in local.archive_files : alltrue([
        for path in keys(files) : !startswith(path, "functions/") || startswith(path, "functions/${name}/") || path == "functions/__init__.py"
      ])
    ])
    error_message = "An archive holds another function's files: a change there would deploy this one too."
  }

  assert {
    condition     = alltrue([for files in values(local.archive_files) : contains(keys(files), "shared/events.py")])
    error_message = "An archive lacks shared/: a change there would deploy nothing."
  }

  assert {
    condition     = alltrue([for files in values(local.archive_files) : strcontains(files["requirements.txt"], "functions-framework==")])
    error_message = "An archive's requirements.txt lacks functions-framework, which the buildpack looks for."
  }
}
