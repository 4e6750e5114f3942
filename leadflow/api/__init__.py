"""The door for machines: REST resources, webhooks, health. Thin: every decision is a service's."""
