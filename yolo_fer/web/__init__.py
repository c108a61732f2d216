"""What the page and the address share: where they listen, who may speak to them, how they end."""
