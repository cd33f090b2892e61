"""Who may see and write which card: card × account × (declared, granted by RAM, observed). Pure."""
