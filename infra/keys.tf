# A key of one's own, for organisations whose policies demand it: every service that encrypts with it is granted its use.
# Whoever loses the key loses the data.

locals {
  agents = {
    artifacts = "service-${data.google_project.this.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    bigquery  = "bq-${data.google_project.this.number}@bigquery-encryption.iam.gserviceaccount.com"
    functions = "service-${data.google_project.this.number}@gcf-admin-robot.iam.gserviceaccount.com"
    pubsub    = "service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    run       = "service-${data.google_project.this.number}@serverless-robot-prod.iam.gserviceaccount.com"
    storage   = data.google_storage_project_service_account.this.email_address
  }
}

resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = var.kms_key == null ? {} : local.agents

  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"
}

# What is encrypted with the key waits for these grants as other things do for theirs (main.tf).
resource "time_sleep" "keys" {
  for_each = toset(var.kms_key == null ? [] : [var.kms_key])

  create_duration = "120s"
  triggers        = { for agent, grant in google_kms_crypto_key_iam_member.agent : agent => grant.id }
}
