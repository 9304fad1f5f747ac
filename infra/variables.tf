# What differs between deployments. Only `project` and `region` have no default.

variable "project" {
  description = "Id of the Google Cloud project, e.g. my-project. Everything is made in it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project is the project's id (6 to 30 lower-case letters, digits and hyphens), not its name or number: see `gcloud projects list`."
  }
}

variable "region" {
  description = "Region of the functions, and of all data unless the location variables say otherwise, e.g. europe-west1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a region such as europe-west1 or us-central1, not a zone (europe-west1-b) and not a multi-region (EU): see `gcloud functions regions list`."
  }
}

variable "name" {
  description = "Prefix of every name in the cloud, so that several deployments can live in one project, e.g. creatives-dev."
  type        = string
  default     = "creatives"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,12}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name is 2 to 14 lower-case letters, digits and single hyphens, a letter first: for example creatives-dev. Accounts and buckets, whose names are bounded, begin with it."
  }
}

variable "dataset" {
  description = "Name of the BigQuery dataset that is made. Null: `name`, with underscores."
  type        = string
  default     = null

  validation {
    condition     = var.dataset == null || can(regex("^[A-Za-z0-9_]+$", var.dataset))
    error_message = "dataset holds letters, digits and underscores only (no hyphens, no project in front): for example creatives_prod."
  }
}

variable "existing" {
  description = "What is there already and is used instead of made: a dataset, buckets by their name in pipeline.yaml, e.g. { dataset = \"marketing\", buckets = { creatives = \"my-creatives\" } }. What it holds is left as it is, also when everything is destroyed."
  type = object({
    dataset = optional(string)
    buckets = optional(map(string), {})
  })
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.existing.buckets), keys(local.pipeline.buckets))) == 0
    error_message = "existing.buckets names a bucket that is not in pipeline.yaml. Known: ${join(", ", keys(local.pipeline.buckets))}."
  }

  validation {
    condition     = alltrue([for full_name in values(var.existing.buckets) : can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", full_name))])
    error_message = "existing.buckets holds full names of buckets without gs://: for example { creatives = \"my-creatives\" }."
  }

  validation {
    condition     = length(distinct(values(var.existing.buckets))) == length(var.existing.buckets)
    error_message = "existing.buckets names one bucket for two purposes: an upload would be taken for a result."
  }

  validation {
    condition     = var.existing.dataset == null || can(regex("^[A-Za-z0-9_]+$", var.existing.dataset))
    error_message = "existing.dataset is the name of a dataset of this project (letters, digits, underscores; no project in front)."
  }
}

# What an organisation's policies may ask for.

variable "kms_key" {
  description = "A key of your own that everything is encrypted with, as projects/…/locations/…/keyRings/…/cryptoKeys/…, in the region (and in the locations of buckets and dataset). Google's services are granted its use. Null: Google's keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key == null || can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "kms_key is a key's full name: projects/my-project/locations/europe-west1/keyRings/my-ring/cryptoKeys/my-key."
  }
}

variable "vpc_connector" {
  description = "The connector through which the functions reach private addresses, as projects/…/locations/…/connectors/…. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_connector == null || can(regex("^projects/[^/]+/locations/[^/]+/connectors/[^/]+$", var.vpc_connector))
    error_message = "vpc_connector is a connector's full name: projects/my-project/locations/europe-west1/connectors/my-connector."
  }
}

variable "vpc_egress" {
  description = "What goes through the connector: PRIVATE_RANGES_ONLY, or ALL_TRAFFIC, which needs Cloud NAT for the addresses of ads."
  type        = string
  default     = "PRIVATE_RANGES_ONLY"

  validation {
    condition     = contains(["PRIVATE_RANGES_ONLY", "ALL_TRAFFIC"], var.vpc_egress)
    error_message = "vpc_egress is PRIVATE_RANGES_ONLY or ALL_TRAFFIC."
  }
}

variable "worker_pool" {
  description = "Cloud Build's private pool that builds the functions, as projects/…/locations/…/workerPools/…. Null: Google's."
  type        = string
  default     = null

  validation {
    condition     = var.worker_pool == null || can(regex("^projects/[^/]+/locations/[^/]+/workerPools/[^/]+$", var.worker_pool))
    error_message = "worker_pool is a pool's full name: projects/my-project/locations/europe-west1/workerPools/my-pool."
  }
}

variable "bigquery_location" {
  description = "Location of the dataset, e.g. EU. A raw-ads table of your own must lie in the same one. Null: the region."
  type        = string
  default     = null

  validation {
    condition     = var.bigquery_location == null || can(regex("^(US|EU|[a-z]+-[a-z]+[0-9]+)$", var.bigquery_location))
    error_message = "bigquery_location is US, EU or a region such as europe-west1."
  }
}

variable "bucket_location" {
  description = "Location of the buckets, e.g. EU. The region is cheapest, since the functions read from it. Null: the region."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_location == null || can(regex("^(US|EU|ASIA|[a-z]+-[a-z]+[0-9]+)$", var.bucket_location))
    error_message = "bucket_location is US, EU, ASIA or a region such as europe-west1."
  }
}

variable "labels" {
  description = "Labels put on every resource beside ours, e.g. { team = \"growth\" }. They show in the billing export."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "labels hold lower-case letters, digits, hyphens and underscores, at most 63 characters each: for example { team = \"growth\" }."
  }
}

variable "deletion_protection" {
  description = "Whether tables, and buckets that are not empty, refuse to be destroyed. `make destroy` sets it to false."
  type        = bool
  default     = true
}

# Extraction.

variable "gemini_model" {
  description = "The model that extracts features, e.g. gemini-3.5-flash-lite. Its price must be in shared/prices.yaml."
  type        = string
  default     = "gemini-3.5-flash-lite"

  validation {
    condition     = can(regex("^gemini-[0-9a-z.-]+$", var.gemini_model))
    error_message = "gemini_model is a model's id such as gemini-3.5-flash-lite: no models/ or publishers/… in front."
  }
}

variable "embedding_model" {
  description = "The model that makes vectors of creatives, so that they are found by what they mean, e.g. gemini-embedding-2; the daily budget pays. Another one makes all anew. Null: none are made."
  type        = string
  default     = null

  validation {
    condition     = var.embedding_model == null || can(regex("^gemini-embedding-[0-9a-z.-]+$", var.embedding_model))
    error_message = "embedding_model is a model's id such as gemini-embedding-2: no models/ or publishers/… in front."
  }
}

variable "gemini_location" {
  description = "Vertex AI's endpoint. `global` has the most capacity; a region or multi-region keeps requests inside it."
  type        = string
  default     = "global"

  validation {
    condition     = can(regex("^(global|us|eu|[a-z]+-[a-z]+[0-9]+)$", var.gemini_location))
    error_message = "gemini_location is global, us, eu or a region such as europe-west1."
  }
}

variable "secrets" {
  description = "Which of the secrets that pipeline.yaml names exist in Secret Manager. With GEMINI_API_KEY among them the Developer API answers; without it Vertex AI, under the function's own identity."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.secrets, local.known_secrets)) == 0
    error_message = "secrets holds a name that no function in pipeline.yaml asks for. Known: ${join(", ", local.known_secrets)}."
  }
}

variable "features" {
  description = "What is asked of creatives: a taxonomy's file in this folder, e.g. taxonomy.yaml (docs/taxonomy.md), or a feature model as package.module:Class inside shared/, so that it is deployed. Null: the built-in one."
  type        = string
  default     = null

  validation {
    condition     = var.features == null || can(regex("^(shared(\\.[A-Za-z_][A-Za-z0-9_]*)+:[A-Za-z_][A-Za-z0-9_]*|[A-Za-z0-9][A-Za-z0-9._-]*\\.ya?ml)$", var.features))
    error_message = "features is a taxonomy's file in infra/, for example taxonomy.yaml, or package.module:Class inside shared/, which every function's archive holds: for example shared.features_cars:CarFeatures."
  }

  validation {
    condition     = var.features == null || !can(regex("\\.ya?ml$", var.features)) || fileexists("${path.module}/${coalesce(var.features, "none")}")
    error_message = "features names a taxonomy's file that is not there: put it into infra/."
  }
}

variable "daily_budget_usd" {
  description = "No model call starts once this much was spent since midnight UTC; the rest waits for the next day. Null: no limit."
  type        = number
  default     = 25

  validation {
    condition     = var.daily_budget_usd == null || coalesce(var.daily_budget_usd, 0) >= 0
    error_message = "daily_budget_usd is an amount of US dollars such as 25: 0 pauses extraction, null takes the limit away."
  }
}

# Raw ads.

variable "raw_ads" {
  description = "Your own table with one row per ad, as project.dataset.table, its column with the ad's id, and those with the addresses of its creatives (text, lists of it, JSON). A table that is not read without a filter on its partitions needs one that holds for every row, such as \"raw.day >= DATE '0001-01-01' OR raw.day IS NULL\". Columns that are not named are url, and, without a table, video_url. Without a table: the empty table raw_ads of the dataset, which you fill."
  type = object({
    table       = optional(string)
    id_column   = optional(string, "ad_id")
    url_columns = optional(list(string))
    filter      = optional(string, "TRUE")
  })
  default = {}

  validation {
    condition     = var.raw_ads.table == null || can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]\\.[A-Za-z0-9_]+\\.[A-Za-z0-9_-]+$", var.raw_ads.table))
    error_message = "raw_ads.table is project.dataset.table, all three parts, no backticks: for example my-project.marketing.ads."
  }

  validation {
    condition     = length(coalesce(var.raw_ads.url_columns, ["url"])) > 0 && alltrue([for column in concat([var.raw_ads.id_column], coalesce(var.raw_ads.url_columns, ["url"])) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", column))])
    error_message = "raw_ads.id_column and raw_ads.url_columns are names of columns (letters, digits, underscores), at least one with addresses: for example { table = \"my-project.marketing.ads\", id_column = \"creative_key\", url_columns = [\"image_url\"] }."
  }
}

variable "schedules_paused" {
  description = "Whether Cloud Scheduler's jobs are paused: set it while you have no raw-ads table to read."
  type        = bool
  default     = false
}

# Anything else a function reads from its environment.

variable "function_env" {
  description = "More environment variables per function, e.g. { extract = { MEDIA_RESOLUTION = \"low\" } }. See each functions/<name>/settings.py."
  type        = map(map(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.function_env), keys(local.pipeline.functions))) == 0
    error_message = "function_env names a function that is not in pipeline.yaml. Known: ${join(", ", keys(local.pipeline.functions))}."
  }

  validation {
    condition     = alltrue([for env in values(var.function_env) : alltrue([for name in keys(env) : !contains(local.known_secrets, name)])])
    error_message = "A secret (${join(", ", local.known_secrets)}) does not belong into function_env, where it would lie readable in the state: put it into Secret Manager and name it in `secrets`."
  }

  validation {
    condition = alltrue([
      for extractor, package in { offline = "rapidocr==", azure = "langchain-openai==", openai = "langchain-openai==" } :
      try(var.function_env.extract.EXTRACTOR, "auto") != extractor || strcontains(file("${path.module}/../functions/extract/requirements.txt"), package)
    ])
    error_message = "This EXTRACTOR needs packages that `extract` does not install: add them to its group in pyproject.toml, run `make requirements`, then deploy. docs/operations.md names them."
  }
}

variable "function_limits" {
  description = "Other limits than pipeline.yaml's per function, e.g. { extract = { max_instances = 30 }, hash = { min_instances = 1 } }. More than 4096 MiB need `cpu = 2`."
  type = map(object({
    min_instances = optional(number)
    max_instances = optional(number)
    memory_mib    = optional(number)
    cpu           = optional(number)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.function_limits), keys(local.pipeline.functions))) == 0
    error_message = "function_limits names a function that is not in pipeline.yaml. Known: ${join(", ", keys(local.pipeline.functions))}."
  }
}

# Keeping and forgetting.

variable "creatives_delete_after_days" {
  description = "Uploaded and fetched creatives are deleted after so many days; features and thumbnails stay. Null: never."
  type        = number
  default     = null

  validation {
    condition     = var.creatives_delete_after_days == null || coalesce(var.creatives_delete_after_days, 0) >= 8
    error_message = "creatives_delete_after_days must be at least 8: a message that failed may still be retried for 7 days and needs the creative."
  }
}

variable "answers_nearline_after_days" {
  description = "The models' raw answers move to cheaper storage after so many days. Null: never."
  type        = number
  default     = 90

  validation {
    condition     = var.answers_nearline_after_days == null || coalesce(var.answers_nearline_after_days, 0) >= 1
    error_message = "answers_nearline_after_days is a number of days, at least 1, or null."
  }
}

variable "answers_delete_after_days" {
  description = "The models' raw answers are deleted after so many days; their features stay in the table. Null: never."
  type        = number
  default     = null

  validation {
    condition     = var.answers_delete_after_days == null || coalesce(var.answers_delete_after_days, 0) >= 8
    error_message = "answers_delete_after_days must be at least 8: a message that failed may still be retried for 7 days, and its answer would be paid for again."
  }
}

variable "keep_days" {
  description = "For how many days rows are kept, by table, other than pipeline.yaml says, e.g. { dead_letters = 90, lifts = null }. Null: for ever."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.keep_days) : can(local.pipeline.tables[name].keep_days)])
    error_message = "keep_days names a table whose rows are all needed, or none: without them ads would be imported and paid for again. Known: ${join(", ", [for name, table in local.pipeline.tables : name if can(table.keep_days)])}."
  }

  validation {
    condition     = alltrue([for days in values(var.keep_days) : days == null || coalesce(days, 0) >= 8])
    error_message = "keep_days is at least 8, or null: what is tried again for 7 days is still asked for."
  }
}

variable "soft_delete_days" {
  description = "For so many days a deleted object can be restored."
  type        = number
  default     = 7

  validation {
    condition     = var.soft_delete_days >= 7 && var.soft_delete_days <= 90
    error_message = "soft_delete_days is 7 to 90, the range of Cloud Storage."
  }
}

# Watching.

variable "dashboard" {
  description = "Whether the dashboard is made."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Who is told when an alert fires. Empty: no alert policies are made."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails holds something that is not an e-mail address."
  }
}

variable "alerts" {
  description = "When alerts fire: more dead letters in an hour, a message waiting for more seconds, a larger share of failed requests."
  type = object({
    dead_letters_per_hour = optional(number, 0)
    oldest_message_s      = optional(number, 3600)
    error_share           = optional(number, 0.1)
  })
  default = {}

  validation {
    condition     = var.alerts.dead_letters_per_hour >= 0 && var.alerts.oldest_message_s >= 60 && var.alerts.error_share > 0 && var.alerts.error_share < 1
    error_message = "alerts: dead_letters_per_hour is at least 0, oldest_message_s at least 60, error_share between 0 and 1 (0.1 is 10 %)."
  }
}

variable "alerts_left_out" {
  description = "Alerts that are not wanted, of dead-letters, stuck-stage, errors, budget-reached, worn-creatives."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.alerts_left_out, ["dead-letters", "stuck-stage", "errors", "budget-reached", "worn-creatives"])) == 0
    error_message = "alerts_left_out holds names of dead-letters, stuck-stage, errors, budget-reached and worn-creatives only."
  }
}
