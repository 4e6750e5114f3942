"""The carrier simulator: Twilio's Messages API, webhooks and failures, with an append-only ledger of its own."""
