"""What is computed from stored predictions without a fit, and kept in the store as rows of its own."""
