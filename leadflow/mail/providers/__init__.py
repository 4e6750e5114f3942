"""Mail servers. Only ``mail.service`` knocks here."""
