"""LeadFlow: a CRM that contacts owners only where law and consent allow, and can prove every decision."""
