"""The conformance suite that every model passes, ours and yours."""
