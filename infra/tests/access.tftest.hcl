# Who may do what: each function as itself, nobody as everybody.

mock_provider "google" {}
mock_provider "time" {}
mock_provider "archive" {}

variables {
  project = "test-project"
  region  = "europe-west1"
}

run "each_function_may_do_its_work_and_nothing_else" {
  # Every function has an account of its own.
  assert {
    condition = length(distinct([
      for f in google_cloudfunctions2_function.this : f.service_config[0].service_account_email
    ])) == length(google_cloudfunctions2_function.this)
    error_message = "Two functions run as the same account."
  }

  assert {
    condition     = alltrue([for name, f in google_cloudfunctions2_function.this : f.service_config[0].service_account_email == google_service_account.function[name].email])
    error_message = "A function runs as another one's account, or as the project's default account, which may edit everything."
  }

  assert {
    condition     = alltrue([for f in google_cloudfunctions2_function.this : f.build_config[0].service_account == google_service_account.builder.id])
    error_message = "A function is built by the project's default account."
  }

  assert {
    condition     = alltrue([for account in concat(values(google_service_account.function), values(google_service_account.invoker)) : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", account.account_id))])
    error_message = "An account's id is not 6 to 30 characters long."
  }

  # Functions are called by their invokers alone.
  assert {
    condition     = alltrue([for f in google_cloudfunctions2_function.this : f.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"])
    error_message = "A function can be reached from the internet."
  }

  assert {
    condition = alltrue([
      for name, grant in google_cloud_run_v2_service_iam_member.invoker : grant.member == google_service_account.invoker[name].member && grant.role == "roles/run.invoker"
    ])
    error_message = "A function can be called by another account than its invoker."
  }

  assert {
    condition = alltrue([
      for name, s in google_pubsub_subscription.push :
      s.push_config[0].oidc_token[0].service_account_email == google_service_account.invoker[local.pushes[name].function].email &&
      s.push_config[0].oidc_token[0].audience == s.push_config[0].push_endpoint &&
      s.push_config[0].push_endpoint == google_cloudfunctions2_function.this[local.pushes[name].function].service_config[0].uri
    ])
    error_message = "A push subscription calls its function without its invoker's token, or for another audience."
  }

  assert {
    condition     = toset(keys(google_service_account_iam_member.pubsub_signs)) == toset(keys(google_service_account.invoker))
    error_message = "Pub/Sub's service agent may not sign as every invoker."
  }

  # Nobody is everybody.
  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("\"(allUsers|allAuthenticatedUsers)\"", file("${local.root}/${path}"))])) == 0
    error_message = "Something is granted to everybody (allUsers or allAuthenticatedUsers)."
  }

  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("roles/(owner|editor|viewer)\"", file("${local.root}/${path}"))])) == 0
    error_message = "A primitive role (owner, editor, viewer) is granted: name the narrow one."
  }

  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("resource \"google_[a-z0-9_]*_iam_(binding|policy)\"", file("${local.root}/${path}"))])) == 0
    error_message = "iam_binding and iam_policy take away what others were granted: use iam_member."
  }

  assert {
    condition     = length(flatten([for path in fileset(local.root, "infra/**/*.tf") : regexall("roles/[a-zA-Z.]*[.](admin|dataOwner)\"", file("${local.root}/${path}"))])) == 0
    error_message = "An admin's or a data owner's role is granted."
  }

  # Only rights that have no narrower home are the projects.
  assert {
    condition     = toset([for grant in google_project_iam_member.query_jobs : grant.role]) == toset(["roles/bigquery.jobUser"])
    error_message = "Of the project, who queries gets the right to run jobs and nothing else."
  }

  assert {
    condition     = toset(keys(google_project_iam_member.query_jobs)) == toset([for name, f in local.functions : name if length(f.queries) > 0])
    error_message = "A function that queries nothing may run query jobs, or one that queries may not."
  }

  assert {
    condition     = toset(keys(google_project_iam_member.model)) == local.model_callers
    error_message = "A function that calls no model may call Vertex AI, or the one that does may not."
  }

  # Each function gets what the pipeline says and nothing else.
  assert {
    condition = toset([for grant in google_storage_bucket_iam_member.function : "${grant.member} ${grant.bucket} ${grant.role}"]) == toset(flatten([
      for name, f in yamldecode(file("pipeline.yaml")).functions : [
        for bucket in setunion(f.reads, f.writes) : join(" ", [
          google_service_account.function[name].member, google_storage_bucket.this[bucket].name,
          contains(f.writes, bucket) ? "roles/storage.objectUser" : "roles/storage.objectViewer",
        ])
      ]
    ]))
    error_message = "The rights on buckets are not those that pipeline.yaml says."
  }

  assert {
    condition = toset([for grant in google_pubsub_topic_iam_member.function : "${grant.member} ${grant.topic} ${grant.role}"]) == toset(flatten([
      for name, f in yamldecode(file("pipeline.yaml")).functions : [
        for topic in f.publishes : "${google_service_account.function[name].member} ${google_pubsub_topic.this[topic].id} roles/pubsub.publisher"
      ]
    ]))
    error_message = "The rights on topics are not those that pipeline.yaml says."
  }

  assert {
    condition = toset([for grant in google_bigquery_table_iam_member.function : "${grant.member} ${grant.table_id} ${grant.role}"]) == toset(flatten([
      for name, f in yamldecode(file("pipeline.yaml")).functions : [
        for table in f.queries : "${google_service_account.function[name].member} ${table} roles/bigquery.dataViewer"
      ]
    ]))
    error_message = "The rights on tables are not those that pipeline.yaml says."
  }

  # Without a key the model is called as the function.
  assert {
    condition     = length(local.model_callers) > 0 && alltrue([for name in local.model_callers : local.function_env[name].GOOGLE_GENAI_USE_VERTEXAI == "true"])
    error_message = "Without a key extract is not told to use Vertex AI."
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.function) == 0
    error_message = "A secret that is not there is mounted: the function would not start."
  }
}

