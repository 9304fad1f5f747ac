"""The page of `creatives up`: the report, live on this machine, where files are dropped and addresses are put in."""
