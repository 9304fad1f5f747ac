# A mistaken variable is refused with a sentence that helps, before anything is made.

mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project = "test-project"
  region  = "europe-west1"
}

run "mistakes_are_named" {
  command = plan

  variables {
    project                     = "My Project"                # a name, not an id
    region                      = "europe-west1-b"            # a zone
    name                        = "Creatives_Dev"             # capitals, an underscore
    dataset                     = "my-dataset"                # hyphens
    existing                    = { buckets = { x = "y-y" } } # no such bucket
    kms_key                     = "my-key"                    # not its full name
    vpc_connector               = "my-connector"              # not its full name
    vpc_egress                  = "everything"                # not of the two
    worker_pool                 = "my-pool"                   # not its full name
    bigquery_location           = "Europe"                    # no location
    bucket_location             = "Europe"                    # no location
    labels                      = { Team = "Growth" }         # capitals
    gemini_model                = "models/gemini-3.5"         # a path
    embedding_model             = "embedding-2"               # another company's
    gemini_location             = "everywhere"                # no location
    raw_ads                     = { table = "marketing.ads" } # no project
    daily_budget_usd            = -1                          # negative
    features                    = "my_features:Cars"          # not deployed with the functions
    secrets                     = ["GEMINI_APIKEY"]           # nobody asks for it
    function_env                = { extracts = {} }           # no such function
    function_limits             = { extracts = {} }           # no such function
    creatives_delete_after_days = 3                           # a message may still need them
    answers_nearline_after_days = 0                           # less than a day
    answers_delete_after_days   = 7                           # a message may still need them
    keep_days                   = { ads = 90 }                # they would be imported again
    soft_delete_days            = 1                           # less than Cloud Storage takes
    alert_emails                = ["nobody"]                  # no address
    alerts                      = { error_share = 10 }        # percent
    alerts_left_out             = ["dead_letters"]            # no such alert
  }

  expect_failures = [
    var.project, var.region, var.name, var.dataset, var.existing, var.kms_key, var.vpc_connector, var.vpc_egress,
    var.worker_pool, var.bigquery_location, var.bucket_location, var.labels, var.gemini_model, var.embedding_model,
    var.gemini_location, var.raw_ads, var.daily_budget_usd, var.features, var.secrets, var.function_env,
    var.function_limits, var.creatives_delete_after_days, var.answers_nearline_after_days, var.answers_delete_after_days, var.keep_days, var.soft_delete_days,
    var.alert_emails, var.alerts, var.alerts_left_out,
  ]
}

run "more_than_4_gib_need_2_cpu" {
  command = plan

  variables {
    function_limits = { extract = { memory_mib = 8192, cpu = 1 } }
  }

  expect_failures = [google_cloudfunctions2_function.this]
}
