"""The report: what the dataset says, read into one frozen model (`data`) and shown as one page (`page`)."""
