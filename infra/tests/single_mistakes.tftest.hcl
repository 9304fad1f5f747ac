# Mistakes that others would hide. Each takes a plan of its own: they are tried in the long run (`make test-long`).

mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project = "test-project"
  region  = "europe-west1"
}

run "an_extractor_comes_with_its_packages" {
  command = plan

  variables {
    function_env = { extract = { EXTRACTOR = "offline" } }
  }

  expect_failures = [var.function_env]
}

run "a_secret_is_no_environment_variable" {
  command = plan

  variables {
    function_env = { extract = { GEMINI_API_KEY = "a-key" } }
  }

  expect_failures = [var.function_env]
}

run "one_bucket_for_two_purposes" {
  command = plan

  variables {
    existing = { buckets = { creatives = "the-same", results = "the-same" } }
  }

  expect_failures = [var.existing]
}
