"""`creatives export`: every ad and all that is known of it, as a file."""
