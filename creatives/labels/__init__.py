"""`creatives tag`: people's tags and notes on creatives."""
