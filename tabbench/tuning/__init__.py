"""How configurations are drawn and chosen."""
