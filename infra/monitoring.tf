# Watching: metrics out of our structured logs (shared/log.py), a dashboard, and alerts. All of it is optional.

locals {
  of_our_subscriptions = "resource.labels.subscription_id=one_of(${join(",", formatlist("%q", local.subscription_names))})"
  subscription_names   = [for name in concat(keys(local.pushes), keys(local.bigquery_rows)) : "${var.name}-${name}"]

  # In the language of logs; metrics have another one.
  from_functions = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^(${join("|", values(local.cloud_name))})$\""

  # By metric: which log lines count, the number taken out of each (else each counts as one), the labels kept.
  log_metrics = {
    handled = {
      description = "Messages that a stage has settled, by outcome; rejected ones by reason."
      filter      = "jsonPayload.message=\"handled\""
      value       = null
      unit        = "1"
      labels      = ["stage", "outcome", "reason"]
    }
    seconds = {
      description = "How long a stage worked on a message."
      filter      = "jsonPayload.message=\"handled\""
      value       = "seconds"
      unit        = "s"
      labels      = ["stage"]
    }
    retried = {
      description = "Messages that a stage could not settle, to be delivered again."
      filter      = "jsonPayload.message=\"failed, to be delivered again\""
      value       = null
      unit        = "1"
      labels      = ["stage"]
    }
    duplicates = {
      description = "Creatives that took over the features of another: model calls saved."
      filter      = "jsonPayload.message=\"handled\" AND jsonPayload.stage=\"dedup\" AND jsonPayload.published.matches>0 AND NOT jsonPayload.published.extractions>0"
      value       = null
      unit        = "1"
      labels      = []
    }
    cost_usd = {
      description = "What model calls cost, in US dollars."
      filter      = "jsonPayload.message=\"paid\" AND jsonPayload.cost_usd>0"
      value       = "cost_usd"
      unit        = "1"
      labels      = ["model"]
    }
    billed_usd = {
      description = "What the queries of a stage billed, in US dollars."
      filter      = "jsonPayload.message=\"billed\" AND jsonPayload.billed_usd>0"
      value       = "billed_usd"
      unit        = "1"
      labels      = ["stage"]
    }
  }

  # The function's own default (functions/import_ads/settings.py), unless it is told another.
  import_max_gib = try(var.function_env.import_ads.IMPORT_MAX_BYTES_BILLED, pow(2, 40)) / pow(2, 30)

  alerting = length(var.alert_emails) > 0

  # By alert: one condition on a metric. `documentation` is what its reader does next.
  metric_alerts = {
    dead-letters = {
      title         = "Messages were given up"
      filter        = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.of_our_subscriptions}"
      denominator   = null
      threshold     = var.alerts.dead_letters_per_hour
      window_s      = 3600
      aligner       = "ALIGN_DELTA"
      reducer       = "REDUCE_SUM"
      group_by      = ["resource.label.subscription_id"]
      documentation = "Messages went to the dead letters after their last attempt. See them with `creatives failures`, mend the cause, then `creatives replay`."
    }
    stuck-stage = {
      title         = "A stage is stuck"
      filter        = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.of_our_subscriptions}"
      denominator   = null
      threshold     = var.alerts.oldest_message_s
      window_s      = 300
      aligner       = "ALIGN_MAX"
      reducer       = "REDUCE_MAX"
      group_by      = ["resource.label.subscription_id"]
      documentation = "The oldest message of this subscription has waited too long. `creatives doctor` says what is wrong with it; `creatives status` says how much waits."
    }
    errors = {
      title         = "A function fails often"
      filter        = "${local.request_count} AND metric.labels.response_code_class=\"5xx\""
      denominator   = local.request_count
      threshold     = var.alerts.error_share
      window_s      = 900
      aligner       = "ALIGN_RATE"
      reducer       = "REDUCE_SUM"
      group_by      = ["resource.label.service_name"]
      documentation = "More requests than usual end in a 5xx and are retried. The function's log lines of severity ERROR hold the exception."
    }
  }
  request_count = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/request_count\" AND resource.labels.service_name=one_of(${join(",", formatlist("%q", values(local.cloud_name)))})"

  # By alert: which log line, the labels taken out of it. `documentation` is what its reader does next.
  log_alerts = {
    budget-reached = {
      title         = "Extraction is put aside"
      filter        = "jsonPayload.message=\"put aside\" AND jsonPayload.reason=~\"_budget$\""
      labels        = []
      documentation = "A budget is spent: table `waits` says for each request which one. Requests that wait for the day's go on by themselves after midnight UTC, or within minutes of a higher `daily_budget_usd`; those that wait for their batch's, once BATCH_BUDGET_USD is raised."
    }
    worn-creatives = {
      title         = "A creative is worn"
      filter        = "jsonPayload.message=\"a creative is worn\" AND jsonPayload.stage=\"measure\""
      labels        = ["creative_id", "metric", "change", "since"]
      documentation = "Over all ads that show it, creative $${log.extracted_label.creative_id} has changed by $${log.extracted_label.change} (a share) in its $${log.extracted_label.metric} since $${log.extracted_label.since}. `creatives fatigue`, or the view `current_fatigue`, has it and the others; each is told once."
    }
  }
}

resource "google_logging_metric" "this" {
  for_each = local.log_metrics

  name            = "${var.name}/${each.key}"
  description     = each.value.description
  filter          = "${local.from_functions} AND ${each.value.filter}"
  value_extractor = each.value.value == null ? null : "EXTRACT(jsonPayload.${each.value.value})"
  label_extractors = {
    for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.value == null ? "INT64" : "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_dashboard" "this" {
  for_each = var.dashboard ? toset(["creatives"]) : toset([])

  dashboard_json = templatefile("${path.module}/dashboard.json.tftpl", {
    metric           = { for name, metric in google_logging_metric.this : name => "logging.googleapis.com/user/${metric.name}" }
    of_subscriptions = local.of_our_subscriptions
    project          = var.project
    dataset          = local.dataset
    name             = var.name
    prometheus_name  = replace(var.name, "-", "_")
    daily_budget_usd = var.daily_budget_usd
    stuck_after_s    = var.alerts.oldest_message_s
    import_max_gib   = local.import_max_gib
  })
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  user_labels  = local.labels

  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "metric" {
  for_each = { for name, alert in local.metric_alerts : name => alert if local.alerting && !contains(var.alerts_left_out, name) }

  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]
  user_labels           = local.labels

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter             = each.value.filter
      denominator_filter = each.value.denominator
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.threshold
      duration           = "0s"

      aggregations {
        alignment_period     = "${each.value.window_s}s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
        group_by_fields      = each.value.group_by
      }

      dynamic "denominator_aggregations" {
        for_each = each.value.denominator == null ? [] : [each.value.denominator]
        content {
          alignment_period     = "${each.value.window_s}s"
          per_series_aligner   = each.value.aligner
          cross_series_reducer = each.value.reducer
          group_by_fields      = each.value.group_by
        }
      }
    }
  }

  documentation {
    content   = each.value.documentation
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"
  }
}

# Matched log lines and not metrics: one is enough, and it is to be known at once.
resource "google_monitoring_alert_policy" "log" {
  for_each = { for name, alert in local.log_alerts : name => alert if local.alerting && !contains(var.alerts_left_out, name) }

  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]
  user_labels           = local.labels

  conditions {
    display_name = each.value.title

    condition_matched_log {
      filter           = "${local.from_functions} AND ${each.value.filter}"
      label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }
    }
  }

  documentation {
    content   = each.value.documentation
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }
}

moved {
  from = google_monitoring_alert_policy.budget
  to   = google_monitoring_alert_policy.log
}
