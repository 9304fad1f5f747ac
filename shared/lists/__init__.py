"""Lists of ads as people have them: tables with any delimiter, JSON, spreadsheets' rows, addresses one a line."""
