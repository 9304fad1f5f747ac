"""Results of ads: bringing them in, and listing what they say about creatives."""
