"""`extract`: one structured model call per creative, validated, priced, and paid for once."""
